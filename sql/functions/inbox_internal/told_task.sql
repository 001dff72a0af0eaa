-- A task as its application may know it: what a person can still undo has not
-- happened yet. People see the task as it is.
create or replace function inbox_internal.told_task(p_task app.task, p_actor jsonb) returns app.task
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_held app.event;
begin
  if p_task.held_until is null or p_task.held_until <= now() or p_actor ->> 'kind' = 'person' then
    return p_task;
  end if;

  select event.* into v_held from app.event event where event.task_id = p_task.id and event.sequence = p_task.version;

  p_task := jsonb_populate_record(p_task, v_held.before);
  p_task.sequence := v_held.sequence - 1;
  p_task.version := (
    select before.version from app.event before
    where before.task_id = p_task.id and before.sequence = v_held.sequence - 1);
  return p_task;
end
$$;
