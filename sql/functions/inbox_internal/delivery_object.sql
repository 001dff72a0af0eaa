-- A delivery as the API, the command line and the pages show it.
create or replace function inbox_internal.delivery_object(p_delivery reporting.deliveries) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
begin
  return jsonb_build_object(
    'id', p_delivery.id,
    'task_id', p_delivery.task_id,
    'task_title', (select task.title from app.task task where task.id = p_delivery.task_id),
    'type', p_delivery.type,
    'sequence', p_delivery.sequence,
    'schema', p_delivery.schema_name,
    'endpoint_id', p_delivery.endpoint_id,
    'url', p_delivery.url,
    'state', p_delivery.state,
    'reason', p_delivery.reason,
    'attempts', p_delivery.attempts,
    'failures', p_delivery.failures,
    'created_at', p_delivery.created_at,
    'due_at', p_delivery.due_at,
    'settled_at', p_delivery.settled_at,
    'status', p_delivery.last_status,
    'error_class', p_delivery.last_error_class,
    'error', p_delivery.last_error,
    'milliseconds', p_delivery.last_milliseconds);
end
$$;
