-- The task a verb is about, locked: of merged tasks the one people see, but for
-- what belongs to one post alone. Refuses who has no right to the verb first,
-- then what is not there or hidden. A lead is always locked before its members.
create or replace function inbox_internal.lock_task(p_task_id uuid, p_actor jsonb, p_verb text) returns app.task
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task;
  v_lead_id uuid;
begin
  perform inbox_internal.check_right(p_actor, p_verb);

  loop
    -- One that was withdrawn decides nothing of those it was merged with.
    select case when task.resolution is distinct from 'withdrawn' then task.merged_into end into v_lead_id
    from app.task task where task.id = p_task_id;

    -- Two people tapping at once: the second waits here, then sees the first's answer.
    select task.* into v_task from app.task task where task.id = coalesce(v_lead_id, p_task_id) for update;

    if v_lead_id is null then
      exit;
    elsif p_verb in ('change', 'comment', 'withdraw', 'redact') then
      select task.* into v_task from app.task task where task.id = p_task_id for update;
    end if;

    -- Its lead may have been withdrawn while we waited.
    exit when exists (select from app.task task where task.id = p_task_id and task.merged_into = v_lead_id);
  end loop;

  if v_task.id is null or not inbox_internal.task_visible(v_task, p_actor) then
    raise sqlstate 'PT404' using
      message = format('there is no task "%s"', p_task_id),
      constraint = 'task_exists';
  end if;

  return v_task;
end
$$;
