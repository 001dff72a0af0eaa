-- Takes a task back that nobody needs to settle any more. It keeps its state; of
-- merged ones the oldest takes its place.
create or replace function inbox.withdraw_task(
  task_id uuid,
  reason text default null,
  expected_version int default null,
  idempotency_key text default null,
  actor jsonb default null,
  via text default null
) returns app.verb_result
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'withdraw');
  v_reason text := nullif(btrim(reason, E' \t\r\n'), '');
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'withdraw', task_id, to_jsonb(v_reason)) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  perform inbox_internal.check_verb(v_task, v_actor, 'withdraw', expected_version);
  perform inbox_internal.check_comment(v_reason, 'reason');
  v_task := inbox_internal.leave_merge(v_task, v_actor, inbox_internal.acting_via(via));
  v_task := inbox_internal.moved(v_task, v_task.state, v_actor, 'withdrawn');
  return inbox_internal.write_task(
    v_task, 'withdrawn', 'task.withdrawn', v_actor, inbox_internal.acting_via(via), true, null, v_reason);
end
$$;
