-- Deliveries, newest first, by any of the filters; the next page begins before
-- the last row's id. What can be undone, or was, is not for its application.
create or replace function inbox_internal.list_deliveries(
  p_actor jsonb, p_state text, p_schema_name text, p_endpoint_id int, p_task_id uuid, p_since timestamptz,
  p_until timestamptz, p_before_id bigint, p_limit int
) returns table (id bigint, delivery_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  v_schemas text[] := inbox_internal.schemas_seen(p_actor);
begin
  perform inbox_internal.check_right(p_actor, 'read');

  return query
    select delivery.id, inbox_internal.delivery_object(delivery)
    from reporting.deliveries delivery
    where delivery.schema_name = any (v_schemas)
      and (p_state is null or delivery.state = p_state)
      and (p_schema_name is null or delivery.schema_name = p_schema_name)
      and (p_endpoint_id is null or delivery.endpoint_id = p_endpoint_id)
      and (p_task_id is null or delivery.task_id = p_task_id)
      and (p_since is null or delivery.created_at >= p_since)
      and (p_until is null or delivery.created_at < p_until)
      and (p_before_id is null or delivery.id < p_before_id)
      and (p_actor ->> 'kind' <> 'key' or delivery.state not in ('held', 'void'))
    order by delivery.id desc
    limit p_limit;
end
$$;
