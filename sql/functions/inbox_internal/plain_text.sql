-- A label as one string: the file may give a string or one per language.
create or replace function inbox_internal.plain_text(p_text jsonb, p_fallback text) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  case jsonb_typeof(p_text)
    when 'string' then
      return p_text #>> '{}';
    when 'object' then
      return coalesce(p_text ->> 'en', (select min(entry.value) from jsonb_each_text(p_text) entry), p_fallback);
    else
      return p_fallback;
  end case;
end
$$;
