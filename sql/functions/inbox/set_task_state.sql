-- Moves a task to another of its type's states. Reaching a resolved state
-- settles it: it leaves the inbox, and the application hears of it by webhook;
-- what a person tapped, when they can no longer undo it.
create or replace function inbox.set_task_state(
  task_id uuid,
  state text,
  args jsonb default null,
  comment text default null,
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
  v_via text := inbox_internal.acting_via(via);
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'resolve');
  -- Blanks are no comment.
  v_comment text := nullif(btrim(comment, E' \t\r\n'), '');
  v_resolved boolean;
begin
  if inbox_internal.repeated(
    v_actor, idempotency_key, 'resolve', task_id, jsonb_build_array(state, args, v_comment))
  then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  expected_version := inbox_internal.version_seen(task_id, v_task, v_actor, false, expected_version);
  perform inbox_internal.check_verb(v_task, v_actor, 'resolve', expected_version);
  v_resolved := inbox_internal.declared_state(v_task.task_type_id, state);

  if v_task.state is not distinct from state then
    return inbox_internal.decided_again(v_task, v_actor);
  end if;

  args := inbox_internal.check_move(v_task, v_actor, state, args, v_comment);

  return inbox_internal.decided(
    v_task, state,
    case when v_resolved then 'decided' end,
    case when v_resolved then 'resolved' else 'moved' end,
    case when v_resolved then 'task.resolved' else 'task.updated' end,
    v_actor, v_via, args, v_comment, inbox_internal.hold_for(v_task.task_type_id, v_via));
end
$$;
