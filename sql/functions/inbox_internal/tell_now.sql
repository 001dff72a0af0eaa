-- Ends the undo window of a task early, before a later change of it: the
-- application hears of both, in order.
create or replace function inbox_internal.tell_now(p_task app.task) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_task.held_until is null or p_task.held_until <= now() then
    return;
  end if;

  update app.event event set held_until = now()
  where event.task_id = p_task.id and event.sequence = p_task.version;

  update app.outbox owed set due_at = now()
  where owed.task_id = p_task.id and owed.sequence = p_task.version and owed.due_at > now();
end
$$;
