-- Our own fault keeps these deliveries from going out. They wait, no attempt is
-- counted, and the page says why.
create or replace function inbox_internal.block_endpoint(p_endpoint_id int, p_reason text) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  update app.endpoint endpoint set blocked = p_reason where endpoint.id = p_endpoint_id
$$;
