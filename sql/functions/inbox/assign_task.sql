-- Gives a task to somebody who may decide it, or with null to nobody.
create or replace function inbox.assign_task(
  task_id uuid,
  to_person text,
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
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'assign');
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'assign', task_id, to_jsonb(to_person)) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  perform inbox_internal.check_verb(v_task, v_actor, 'assign');

  if to_person is not null and not inbox_internal.assignable(v_task.task_type_id, v_task.schema_name, to_person) then
    raise sqlstate 'PT422' using
      message = format('there is nobody "%s" who may decide this task', to_person),
      column = 'to',
      constraint = 'assignee_allowed';
  end if;

  if v_task.assignee is not distinct from to_person then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  v_task.assignee := to_person;
  return inbox_internal.write_task(
    v_task, 'assigned', null, v_actor, inbox_internal.acting_via(via), false, jsonb_build_object('to', to_person));
end
$$;
