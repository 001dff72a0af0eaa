-- The delivery, or the one refusal for "is not there" and "is not for you":
-- what can be undone, or was, does not exist for its application.
create or replace function inbox_internal.delivery_to_read(p_actor jsonb, p_id bigint) returns reporting.deliveries
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_delivery reporting.deliveries;
begin
  select delivery.* into v_delivery from reporting.deliveries delivery where delivery.id = p_id;

  if not found
    or not inbox_internal.may_see(p_actor, v_delivery.schema_name, null)
    or p_actor ->> 'kind' = 'key' and v_delivery.state in ('held', 'void')
  then
    raise sqlstate 'PT404' using
      message = format('there is no delivery %s', p_id),
      constraint = 'delivery_exists';
  end if;

  return v_delivery;
end
$$;
