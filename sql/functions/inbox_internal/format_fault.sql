-- What is wrong with a text of one of the formats that JSON has no type for; null
-- when nothing is. Lengths come first: no expression runs over a long text.
create or replace function inbox_internal.format_fault(p_format text, p_text text) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  case p_format
    when 'date' then
      if not inbox_internal.is_date(p_text) then
        return 'must be a date such as 2026-11-22';
      end if;
    when 'date-time' then
      if length(p_text) > 40
        or not inbox_internal.is_date(left(p_text, 10))
        or substr(p_text, 11) !~
          '^[Tt]([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$'
      then
        return 'must be an instant with its offset, such as 2026-11-22T09:30:00+01:00';
      end if;
    when 'uri' then
      -- No name in front of the host: it is there to be taken for the host.
      if length(p_text) > 2000
        or p_text !~ '^[Hh][Tt][Tt][Pp][Ss]?://[^]:/?#@][^/?#@]*([/?#].*)?$'
        or p_text ~ '[\u0001- \u007f-\u00a0\\"<>^`{|}]'
      then
        return 'must be an http or https address of at most 2000 characters';
      end if;
    when 'email' then
      if length(p_text) > 254
        or p_text !~ '^[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$'
      then
        return 'must be one mail address';
      end if;
    else
      null;
  end case;
  return null;
end
$$;
