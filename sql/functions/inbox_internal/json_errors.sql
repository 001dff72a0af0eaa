-- What is wrong with a value by a schema, as [{"pointer", "detail"}], at most 20;
-- empty when it is good. The schema is of the subset that an upload takes: JSON
-- Schema 2020-12 without references, combinations and patterns.
create or replace function inbox_internal.json_errors(p_schema jsonb, p_value jsonb, p_pointer text) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_path_query_array(
    inbox_internal.json_faults(p_schema, array[p_value], array[p_pointer]), '$[0 to 19]');
end
$$;
