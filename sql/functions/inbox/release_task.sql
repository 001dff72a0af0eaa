-- Gives up a claim: who holds it, and an admin.
create or replace function inbox.release_task(
  task_id uuid,
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
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'release');
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'release', task_id, null) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  perform inbox_internal.check_verb(v_task, v_actor, 'release');
  v_task.claimed_by := null;
  v_task.claimed_until := null;
  return inbox_internal.write_task(v_task, 'released', null, v_actor, inbox_internal.acting_via(via), false);
end
$$;
