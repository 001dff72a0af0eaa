-- The task, or the one refusal for "is not there" and "is not for you".
create or replace function inbox_internal.task_to_read(p_task_id uuid, p_actor jsonb) returns app.task
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task;
begin
  select task.* into v_task from app.task task where task.id = p_task_id;

  if not found or not inbox_internal.task_visible(v_task, p_actor) then
    raise sqlstate 'PT404' using
      message = format('there is no task "%s"', p_task_id),
      constraint = 'task_exists';
  end if;

  return v_task;
end
$$;
