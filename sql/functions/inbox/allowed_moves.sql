-- The states a task may go to now, in the order of its schema: what the page
-- shows as buttons and the API as allowed_states. A settled task has none.
create or replace function inbox.allowed_moves(task_id uuid, actor jsonb default null)
  returns table (name text, label text, outcome text, style text, confirm text, comment text, resolved boolean)
  language sql
  stable
  security definer
  set search_path = pg_catalog, pg_temp
as $$
  select target.name, inbox_internal.plain_text(target.label, target.name), target.outcome, target.style, target.confirm,
    target.comment, target.resolved
  from app.task stored
  cross join lateral inbox_internal.told_task(stored, inbox_internal.acting(allowed_moves.actor)) task
  join app.task_state target on target.task_type_id = task.task_type_id
  where stored.id = allowed_moves.task_id
    and task.resolved_at is null
    and inbox_internal.may_see(inbox_internal.acting(allowed_moves.actor), task.schema_name, task.posted_by)
    and inbox_internal.move_allowed(target, task.state)
  order by target.position
$$;
