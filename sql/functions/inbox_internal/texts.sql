-- A JSON array of strings as one of SQL; null is none.
create or replace function inbox_internal.texts(p_list jsonb) returns text[]
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(jsonb_typeof(p_list), 'null') = 'null' then
    return '{}';
  end if;

  if jsonb_typeof(p_list) <> 'array' or jsonb_path_exists(p_list, '$[*] ? (@.type() <> "string")') then
    raise sqlstate 'PT422' using
      message = '"tags" is a list of strings',
      column = 'tags',
      constraint = 'tags_form';
  end if;

  return array(select jsonb_array_elements_text(p_list));
end
$$;
