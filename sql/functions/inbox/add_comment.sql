-- Says something about a task, also when it is settled. An internal comment is for
-- people only; applications are told of what people say to them, not of their own.
create or replace function inbox.add_comment(
  task_id uuid,
  body text,
  internal boolean default false,
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
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'comment');
  v_internal boolean := coalesce(internal, false);
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'comment', task_id, jsonb_build_array(body, v_internal)) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  if btrim(coalesce(body, ''), E' \t\r\n') = '' then
    raise sqlstate 'PT422' using
      message = 'a comment has 1 to 10,000 characters',
      column = 'body',
      constraint = 'comment_length';
  end if;
  perform inbox_internal.check_comment(body, 'body');
  perform inbox_internal.check_verb(v_task, v_actor, 'comment');

  if v_actor ->> 'kind' <> 'person' then
    v_task.snoozed_until := null;
  end if;
  return inbox_internal.write_task(
    v_task, 'commented', case when v_actor ->> 'kind' <> 'key' and not v_internal then 'task.commented' end,
    v_actor, inbox_internal.acting_via(via), false, jsonb_build_object('internal', v_internal), body);
end
$$;
