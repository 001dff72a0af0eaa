-- Moves a task to another of its type's states. Reaching a resolved state
-- settles it: it leaves the inbox, and the application hears of it by webhook;
-- what a person tapped, when they can no longer undo it.
create or replace function inbox.set_task_state(
  task_id uuid,
  state text,
  comment text default null,
  expected_version int default null,
  actor jsonb default null,
  via text default null
) returns table (id uuid, changed boolean, owed boolean, task_object jsonb, held_until timestamptz)
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_task app.task;
  v_from text;
  v_resolved boolean;
  v_owed boolean;
  v_hold interval;
  -- Blanks are no comment.
  v_comment text := nullif(btrim(set_task_state.comment, E' \t\r\n'), '');
begin
  perform inbox_internal.check_right(v_actor, 'resolve');

  -- Two people tapping at once: the second waits here, then sees the first's answer.
  select task.* into v_task from app.task task where task.id = set_task_state.task_id for update;

  perform inbox_internal.check_decidable(v_task, v_actor, set_task_state.task_id, expected_version);
  v_resolved := inbox_internal.declared_state(v_task.task_type_id, set_task_state.state);

  if v_task.state is not distinct from set_task_state.state then
    -- A program that says the same as a person who could still undo it is heard:
    -- the window ends.
    v_owed := v_task.held_until > now() and v_actor ->> 'kind' <> 'person';
    if v_owed then
      perform inbox_internal.tell_now(v_task);
      update app.task task set held_until = null where task.id = v_task.id returning task.* into v_task;
    end if;
    return query select v_task.id, false, coalesce(v_owed, false), inbox_internal.task_object(v_task), null::timestamptz;
    return;
  end if;

  perform inbox_internal.check_move(v_task, set_task_state.state, v_comment);

  perform inbox_internal.tell_now(v_task);

  v_from := v_task.state;
  v_hold := inbox_internal.hold_for(v_task.task_type_id, inbox_internal.acting_via(via));
  update app.task task set
    state = set_task_state.state,
    sequence = task.sequence + 1,
    version = task.sequence + 1,
    resolved_at = case when v_resolved then now() end,
    resolved_by = case when v_resolved then v_actor end,
    resolution = case when v_resolved then 'decided' end,
    held_until = case when v_hold > interval '0' then now() + v_hold end
  where task.id = v_task.id
  returning task.* into v_task;

  v_owed := inbox_internal.record_event(
    v_task,
    case when v_resolved then 'resolved' else 'moved' end,
    case when v_resolved then 'task.resolved' else 'task.updated' end,
    v_actor, inbox_internal.acting_via(via), v_from, null, v_comment);

  return query
    select v_task.id, true, v_owed, inbox_internal.task_object(v_task), v_task.held_until;
end
$$;
