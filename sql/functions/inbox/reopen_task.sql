-- Opens a settled task again, in the state it had before, with no deadline. Its
-- type says whether that is possible, and who may.
create or replace function inbox.reopen_task(
  task_id uuid,
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
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'reopen');
  v_comment text := nullif(btrim(comment, E' \t\r\n'), '');
  v_result app.verb_result;
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'reopen', task_id, to_jsonb(v_comment)) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  expected_version := inbox_internal.version_seen(task_id, v_task, v_actor, true, expected_version);
  perform inbox_internal.check_verb(v_task, v_actor, 'reopen', expected_version);
  perform inbox_internal.check_comment(v_comment, 'comment');
  v_task := inbox_internal.reopened(v_task);
  v_result := inbox_internal.write_task(v_task, 'reopened', 'task.reopened', v_actor, v_via, true, null, v_comment);
  v_result.owed := inbox_internal.with_members(
    v_task, 'reopened', 'task.reopened', v_actor, v_via, null, v_comment, null) or v_result.owed;
  return v_result;
end
$$;
