-- Ends the undo window of a task early, before a later change of it: the
-- application hears of both, in order. First the lock on the chain: whoever
-- settles deliveries of this task then leaves it alone and waits for nobody.
create or replace function inbox_internal.tell_now(p_task app.task) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_held app.event;
begin
  if p_task.held_until is null or p_task.held_until <= now() then
    return;
  end if;

  update app.event event set held_until = now()
  where event.task_id = p_task.id and event.sequence = p_task.version
  returning event.* into v_held;

  if v_held.endpoint_id is not null then
    perform pg_advisory_xact_lock(inbox_internal.chain_key(p_task.id, v_held.endpoint_id));
    update app.outbox owed set due_at = now()
    where owed.task_id = p_task.id
      and owed.endpoint_id = v_held.endpoint_id
      and owed.sequence = v_held.sequence
      and owed.due_at > now();
  end if;
end
$$;
