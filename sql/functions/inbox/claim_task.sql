-- Says that one is at it: for a while no colleague decides it. To claim again
-- prolongs it; to take it over is said so.
create or replace function inbox.claim_task(
  task_id uuid,
  take boolean default false,
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
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'claim');
  v_again boolean := coalesce(v_task.claimed_by = inbox_internal.holder_name(v_actor) and v_task.claimed_until > now(), false);
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'claim', task_id, to_jsonb(take)) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  perform inbox_internal.check_verb(v_task, v_actor, 'claim', null, coalesce(take, false));
  v_task.claimed_by := inbox_internal.holder_name(v_actor);
  v_task.claimed_until := now() + (
    select type.claim_for * interval '1 second' from app.task_type type where type.id = v_task.task_type_id);

  if v_again then
    perform inbox_internal.store_task(v_task);
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  return inbox_internal.write_task(v_task, 'claimed', null, v_actor, inbox_internal.acting_via(via), false);
end
$$;
