-- A server has started, perhaps with what was missing: try again.
create or replace function inbox_internal.unblock_endpoints() returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  update app.endpoint endpoint set blocked = null where endpoint.blocked is not null
$$;
