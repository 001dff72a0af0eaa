-- A name as the next part of a JSON Pointer (RFC 6901).
create or replace function inbox_internal.pointer_step(p_name text) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return '/' || replace(replace(p_name, '~', '~0'), '/', '~1');
end
$$;
