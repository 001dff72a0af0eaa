-- A delivery as the API, the command line and the pages show it. By its id: the
-- view is quick for one, and slow when it is joined.
create or replace function inbox_internal.delivery_object(p_id bigint) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
  -- Not what its caller has set: planned anew, each row took twenty times as long.
  set plan_cache_mode = auto
as $$
declare
  v_delivery reporting.deliveries;
begin
  select delivery.* into v_delivery from reporting.deliveries delivery where delivery.id = p_id;

  return jsonb_build_object(
    'id', v_delivery.id,
    'task_id', v_delivery.task_id,
    'task_title', (select task.title from app.task task where task.id = v_delivery.task_id),
    'type', v_delivery.type,
    'sequence', v_delivery.sequence,
    'schema', v_delivery.schema_name,
    'endpoint_id', v_delivery.endpoint_id,
    'url', v_delivery.url,
    'state', v_delivery.state,
    'reason', v_delivery.reason,
    'attempts', v_delivery.attempts,
    'failures', v_delivery.failures,
    'created_at', v_delivery.created_at,
    'due_at', v_delivery.due_at,
    'settled_at', v_delivery.settled_at,
    'status', v_delivery.last_status,
    'error_class', v_delivery.last_error_class,
    'error', v_delivery.last_error,
    'milliseconds', v_delivery.last_milliseconds);
end
$$;
