-- What a JSON Pointer (RFC 6901) points at; null where it points at nothing, and
-- without a pointer.
create or replace function inbox_internal.pointed(p_document jsonb, p_pointer text) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_pointer is null then
    return null;
  end if;

  return p_document #> array(
    select replace(replace(part.name, '~1', '/'), '~0', '~')
    from unnest(string_to_array(substr(p_pointer, 2), '/')) with ordinality as part (name, place)
    order by part.place);
end
$$;
