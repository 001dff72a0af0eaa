-- Changes what is known of an open task: its facts by a merge patch (RFC 7396),
-- tags, urgency, deadline, start and attachments. A member that is absent stays,
-- null clears. Who looks at the old facts cannot decide on them any more.
create or replace function inbox.change_task(
  task_id uuid,
  change jsonb,
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
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'change');
  v_changed app.task;
  v_result app.verb_result;
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'change', task_id, change) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  perform inbox_internal.check_verb(v_task, v_actor, 'change', expected_version);
  v_changed := inbox_internal.task_changed(v_task, change, v_actor);

  if v_changed = v_task then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  -- It is worth a new look.
  v_changed.snoozed_until := null;
  v_result := inbox_internal.write_task(
    v_changed, 'changed', 'task.changed', v_actor, inbox_internal.acting_via(via), true, change - 'attachments');
  if v_changed.merged_into is not null then
    perform inbox_internal.join_lead(v_changed, false, v_actor, inbox_internal.acting_via(via));
  end if;
  return v_result;
end
$$;
