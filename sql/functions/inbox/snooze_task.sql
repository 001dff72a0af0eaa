-- Hides a task from everybody's inbox until then, at most 30 days; null shows it
-- again. Its deadline stays what it is.
create or replace function inbox.snooze_task(
  task_id uuid,
  until timestamptz,
  idempotency_key text default null,
  actor jsonb default null,
  via text default null
) returns app.verb_result
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'snooze');
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'snooze', task_id, to_jsonb(until)) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  perform inbox_internal.check_verb(v_task, v_actor, 'snooze');

  if until <= now() or until > now() + interval '30 days' then
    raise sqlstate 'PT422' using
      message = 'a task is snoozed until a time within the next 30 days',
      column = 'until',
      constraint = 'snooze_until';
  end if;

  if coalesce(v_task.snoozed_until, now()) <= now() and until is null or v_task.snoozed_until = until then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  v_task.snoozed_until := until;
  return inbox_internal.write_task(
    v_task, case when until is null then 'woken' else 'snoozed' end, null, v_actor, inbox_internal.acting_via(via), false,
    jsonb_build_object('until', until));
end
$$;
