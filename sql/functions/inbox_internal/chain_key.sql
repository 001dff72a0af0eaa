-- The advisory lock of one chain: the events of one task for one endpoint.
create or replace function inbox_internal.chain_key(p_task_id uuid, p_endpoint_id int) returns bigint
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return hashtextextended(p_task_id::text, p_endpoint_id);
end
$$;
