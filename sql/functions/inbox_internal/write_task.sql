-- The one writer: puts a task into its new state and appends the event that
-- tells of it. A decisive event (one that changes what is decided) gives the task
-- a new version. What the application hears of, and what is decisive, first
-- ends the undo window of the change before it.
create or replace function inbox_internal.write_task(
  p_task app.task,
  p_kind text,
  p_type text,
  p_actor jsonb,
  p_via text,
  p_decisive boolean,
  p_args jsonb default null,
  p_comment text default null,
  p_hold interval default null
) returns app.verb_result
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_stored app.task;
  v_event app.event;
  v_owed boolean;
begin
  select stored.* into v_stored from app.task stored where stored.id = p_task.id;

  if p_decisive or inbox_internal.told_of(p_task.task_type_id, p_type) then
    perform inbox_internal.tell_now(v_stored);
    p_task.held_until := case when p_hold > interval '0' then now() + p_hold end;
  end if;

  -- Whatever its holder does prolongs a claim.
  if p_task.claimed_by = inbox_internal.holder_name(p_actor) and p_task.claimed_until > now() then
    p_task.claimed_until := now() + (
      select type.claim_for * interval '1 second' from app.task_type type where type.id = p_task.task_type_id);
  end if;

  p_task.sequence := v_stored.sequence + 1;
  p_task.version := case when p_decisive then p_task.sequence else v_stored.version end;
  perform inbox_internal.store_task(p_task);

  v_event.kind := p_kind;
  v_event.type := p_type;
  v_event.actor := p_actor;
  v_event.via := p_via;
  v_event.from_state := v_stored.state;
  v_event.args := p_args;
  v_event.comment := p_comment;
  v_event.held_until := case when p_hold > interval '0' then p_task.held_until end;
  -- A rule has seen nothing.
  v_event.seen := case when p_decisive and p_actor ->> 'kind' <> 'rule' then
    jsonb_build_object('version', v_stored.version, 'digest', v_stored.digest) end;
  v_event.before := case when p_hold > interval '0' then inbox_internal.changed_columns(v_stored, p_task) end;
  v_owed := inbox_internal.record_event(p_task, v_event);

  return (
    p_task.id, true, v_owed, inbox_internal.task_object(inbox_internal.told_task(p_task, p_actor)), p_task.held_until
  )::app.verb_result;
end
$$;
