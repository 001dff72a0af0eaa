-- Refuses to reopen what is open, was withdrawn or can still be undone, and what
-- its type or the actor's role keeps settled.
create or replace function inbox_internal.check_reopenable(p_task app.task, p_type app.task_type, p_actor jsonb)
  returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_type.reopen = 'admin' and not inbox_internal.is_admin(p_actor) then
    raise sqlstate 'PT403' using
      message = 'only an admin may reopen tasks of this type',
      constraint = 'role_needed';
  end if;

  if p_type.reopen = 'anyone' then
    perform inbox_internal.check_candidate(p_type, p_actor);
  end if;

  if p_type.reopen = 'never' then
    raise sqlstate 'PT409' using
      message = 'tasks of this type stay settled',
      constraint = 'reopen_allowed';
  end if;

  if p_task.resolved_at is null or p_task.resolution = 'withdrawn' or p_task.held_until > now() then
    raise sqlstate 'PT409' using
      message = case
        when p_task.resolution = 'withdrawn' then 'the task was withdrawn'
        when p_task.resolved_at is null or p_actor ->> 'kind' <> 'person' then 'the task is open'
        else 'the decision can still be undone'
      end,
      constraint = 'task_settled';
  end if;
end
$$;
