-- What the application was told of a task, or is still owed, newest first. Of
-- what can be undone, or was, only people know.
create or replace function inbox_internal.task_deliveries(p_task_id uuid, p_actor jsonb) returns jsonb
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', delivery.id,
    'type', delivery.type,
    'sequence', delivery.sequence,
    'state', delivery.state,
    'reason', delivery.reason,
    'attempts', delivery.attempts,
    'created_at', delivery.created_at,
    'due_at', delivery.due_at,
    'settled_at', delivery.settled_at,
    'status', delivery.last_status,
    'error', delivery.last_error
  ) order by delivery.sequence desc, delivery.id desc), '[]')
  from reporting.deliveries delivery
  where delivery.task_id = p_task_id
    and (p_actor ->> 'kind' = 'person' or delivery.state not in ('held', 'void'))
$$;
