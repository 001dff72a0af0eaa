-- The endpoint for an admin's act, locked; the one refusal for "is not there"
-- and "is not yours".
create or replace function inbox_internal.endpoint_to_manage(p_actor jsonb, p_id int) returns app.endpoint
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_endpoint app.endpoint;
begin
  perform inbox_internal.check_right(p_actor, 'admin');

  select endpoint.* into v_endpoint from app.endpoint endpoint where endpoint.id = p_id for update;
  if not found or not inbox_internal.may_see(p_actor, v_endpoint.schema_name, null) then
    raise sqlstate 'PT404' using
      message = format('there is no endpoint %s', p_id),
      constraint = 'endpoint_exists';
  end if;

  return v_endpoint;
end
$$;
