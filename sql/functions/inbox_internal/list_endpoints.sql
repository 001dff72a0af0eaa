-- Where webhooks of the schemas an actor sees go, and how that goes.
create or replace function inbox_internal.list_endpoints(p_actor jsonb) returns table (endpoint_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.check_right(p_actor, 'read');

  return query select shown.endpoint_object from inbox_internal.endpoint_objects(p_actor, null) shown;
end
$$;
