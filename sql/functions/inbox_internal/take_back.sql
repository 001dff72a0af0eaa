-- Undoes the held change of one task. What is locked is the task, then its chain,
-- then the delivery, so a worker that is about to send it and a person who undoes
-- it cannot both win.
create or replace function inbox_internal.take_back(
  p_task app.task, p_expected_version int, p_actor jsonb, p_via text
) returns app.verb_result
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_held app.event;
  v_owed app.outbox;
  v_result app.verb_result;
begin
  select event.* into v_held
  from app.event event where event.task_id = p_task.id and event.sequence = p_task.version;
  if v_held.endpoint_id is not null then
    -- As tell_now: whoever settles deliveries waits for nobody.
    perform pg_advisory_xact_lock(inbox_internal.chain_key(p_task.id, v_held.endpoint_id));
    select owed.* into v_owed
    from app.outbox owed
    where owed.task_id = p_task.id and owed.endpoint_id = v_held.endpoint_id and owed.sequence = v_held.sequence
    for update;
  end if;

  perform inbox_internal.check_undoable(p_task, v_held, v_owed, p_actor, p_expected_version);

  if v_owed.id is not null then
    perform inbox_internal.settle_deliveries(array[v_owed.id], 'void');
  end if;
  update app.event event set undone_at = now() where event.id = v_held.id;
  -- Else the writer would tell what is taken back.
  update app.task task set held_until = null where task.id = p_task.id;

  p_task := jsonb_populate_record(p_task, v_held.before);
  v_result := inbox_internal.write_task(p_task, 'undone', null, p_actor, p_via, true);
  v_result.owed := v_owed.id is not null;
  return v_result;
end
$$;
