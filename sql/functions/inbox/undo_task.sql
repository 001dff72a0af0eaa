-- Takes back the newest decision while its application has not heard of it: who
-- decided may, and an admin. Its webhook is never sent; the history keeps both.
-- What is locked is the task, then its chain, then the delivery, so a worker that is about to
-- send it and a person who undoes it cannot both win.
create or replace function inbox.undo_task(
  task_id uuid,
  expected_version int default null,
  actor jsonb default null,
  via text default null
) returns table (id uuid, changed boolean, owed boolean, task_object jsonb)
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_task app.task;
  v_held app.event;
  v_owed app.outbox;
  v_from text;
begin
  perform inbox_internal.check_right(v_actor, 'resolve');

  select task.* into v_task from app.task task where task.id = undo_task.task_id for update;
  if not found or not inbox_internal.may_see(v_actor, v_task.schema_name, v_task.posted_by) then
    raise sqlstate 'PT404' using
      message = format('there is no task "%s"', undo_task.task_id),
      constraint = 'task_exists';
  end if;

  select event.* into v_held
  from app.event event where event.task_id = v_task.id and event.sequence = v_task.version;
  if v_held.endpoint_id is not null then
    -- As tell_now: whoever settles deliveries waits for nobody.
    perform pg_advisory_xact_lock(inbox_internal.chain_key(v_task.id, v_held.endpoint_id));
    select owed.* into v_owed
    from app.outbox owed
    where owed.task_id = v_task.id and owed.endpoint_id = v_held.endpoint_id and owed.sequence = v_held.sequence
    for update;
  end if;

  perform inbox_internal.check_undoable(v_task, v_held, v_owed, v_actor, undo_task.expected_version);

  if v_owed.id is not null then
    perform inbox_internal.settle_deliveries(array[v_owed.id], 'void');
  end if;
  update app.event event set undone_at = now() where event.id = v_held.id;

  v_from := v_task.state;
  update app.task task set
    state = v_held.from_state,
    sequence = task.sequence + 1,
    version = task.sequence + 1,
    resolved_at = null,
    resolved_by = null,
    resolution = null,
    held_until = null
  where task.id = v_task.id
  returning task.* into v_task;

  perform inbox_internal.record_event(
    v_task, 'undone', null, v_actor, inbox_internal.acting_via(via), v_from, null, null);
  return query select v_task.id, true, v_owed.id is not null, inbox_internal.task_object(v_task);
end
$$;
