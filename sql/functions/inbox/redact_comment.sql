-- Blanks a comment for good, also in what was kept to be sent again. That there
-- was one, and who blanked it, stays.
create or replace function inbox.redact_comment(
  task_id uuid,
  sequence int,
  actor jsonb default null,
  via text default null
) returns app.verb_result
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'redact');
begin
  update app.event event set
    comment = null,
    body = jsonb_set(event.body::jsonb, '{data,comment}', 'null')::text
  where event.task_id = v_task.id and event.sequence = redact_comment.sequence and event.kind = 'commented';

  if not found then
    raise sqlstate 'PT404' using
      message = format('step %s of the task is no comment', redact_comment.sequence),
      constraint = 'comment_exists';
  end if;

  return inbox_internal.write_task(
    v_task, 'redacted', null, v_actor, inbox_internal.acting_via(via), false,
    jsonb_build_object('sequence', redact_comment.sequence));
end
$$;
