-- Where webhooks of the schemas an actor sees go.
create or replace function inbox_internal.list_endpoints(p_actor jsonb) returns table (endpoint_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.check_right(p_actor, 'read');

  return query
    select inbox_internal.endpoint_object(endpoint)
    from app.endpoint endpoint
    where endpoint.schema_name = any (inbox_internal.schemas_seen(p_actor))
    order by endpoint.schema_name, endpoint.task_type nulls first;
end
$$;
