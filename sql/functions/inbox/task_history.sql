-- Every step of a task, in order; step_object is the same as the API shows it.
-- What can be undone, or was, is for people only: its application never hears of it.
create or replace function inbox.task_history(task_id uuid, actor jsonb default null)
  returns table (
    sequence int, at timestamptz, kind text, actor_name text, via text, from_state text, to_state text, comment text,
    step_object jsonb)
  language plpgsql
  stable
  security definer
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
  v_actor jsonb := inbox_internal.acting(task_history.actor);
  v_task app.task;
begin
  perform inbox_internal.check_right(v_actor, 'read');
  v_task := inbox_internal.task_to_read(task_history.task_id, v_actor);

  return query
    select event.sequence, event.at, event.kind, event.actor ->> 'name', event.via, event.from_state, event.to_state,
      event.comment,
      jsonb_build_object(
        'sequence', event.sequence, 'version', event.version, 'at', event.at, 'kind', event.kind,
        'actor', event.actor, 'via', event.via, 'from', event.from_state, 'to', event.to_state,
        'args', event.args, 'comment', event.comment)
    from app.event event
    where event.task_id = v_task.id
      -- Between people.
      and (v_actor ->> 'kind' <> 'key' or event.kind <> 'commented' or event.args ->> 'internal' = 'false')
      and (v_actor ->> 'kind' = 'person'
        or event.kind <> 'undone' and event.undone_at is null and coalesce(event.held_until <= now(), true))
    order by event.sequence;
end
$$;
