-- What is wrong with a value of one of the kinds that JSON has no type for; null
-- when nothing is. Lengths come first: no expression runs over a long text.
create or replace function inbox_internal.kind_fault(p_kind text, p_format text, p_value jsonb) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_text text := p_value #>> '{}';
  v_parts int[];
begin
  if p_kind = 'json' and octet_length(p_value::text) > 16384 then
    return 'must have 16384 or fewer bytes';
  elsif p_format is null or jsonb_typeof(p_value) <> 'string' then
    return null;
  end if;

  case p_format
    when 'date' then
      if not inbox_internal.is_date(v_text) then
        return 'must be a date such as 2026-11-22';
      end if;
    when 'date-time' then
      if length(v_text) > 64
        or v_text !~* '^.{10}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$'
        or not inbox_internal.is_date(left(v_text, 10))
      then
        return 'must be an instant such as 2026-11-22T09:30:00+01:00';
      end if;
    when 'uri' then
      if length(v_text) > 2000
        or v_text !~* '^https?://[^@:/?#\u0001-\u0020\u007f-\u00a0\\"<>^`{|}][^@\u0001-\u0020\u007f-\u00a0\\"<>^`{|}]*$'
      then
        return 'must be an http or https address of at most 2000 characters';
      end if;
    when 'email' then
      if length(v_text) > 254
        or v_text !~* '^[a-z0-9.!#$%&''*+/=?^_`{|}~-]+@[a-z0-9]'
      then
        return 'must be one mail address';
      end if;
    else
      null;
  end case;
  return null;
end
$$;
