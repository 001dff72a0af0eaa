-- The names of all schemas an actor may see.
create or replace function inbox_internal.schemas_seen(p_actor jsonb) returns text[]
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select array(
    select schema.name from app.schema schema
    where inbox_internal.may_see(p_actor, schema.name, null)
    order by schema.name)
$$;
