-- Takes back the newest decision while its application has not heard of it: who
-- decided may, and an admin. Its webhook is never sent; the history keeps both.
-- What was merged into the task is taken back with it.
create or replace function inbox.undo_task(
  task_id uuid,
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
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'undo');
  v_member app.task;
  v_result app.verb_result;
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'undo', task_id, null) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  expected_version := inbox_internal.version_seen(task_id, v_task, v_actor, true, expected_version);
  v_result := inbox_internal.take_back(v_task, expected_version, v_actor, v_via);

  for v_member in
    select member.* from app.task member
    where v_task.merged_count > 0 and member.merged_into = v_task.id and member.resolution is distinct from 'withdrawn'
    order by member.id
    for update
  loop
    perform inbox_internal.take_back(v_member, null, v_actor, v_via);
  end loop;

  return v_result;
end
$$;
