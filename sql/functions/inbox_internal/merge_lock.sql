-- The advisory lock of one merge key: of posts with the same one, one at a time
-- looks for its lead.
create or replace function inbox_internal.merge_lock(p_schema_name text, p_ttype text, p_merge_key text) returns bigint
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return hashtextextended(jsonb_build_array(p_schema_name, p_ttype, p_merge_key)::text, 0);
end
$$;
