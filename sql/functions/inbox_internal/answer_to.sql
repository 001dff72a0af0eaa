-- What came of a task, for who asked and waited: how and by whom it was settled,
-- with what arguments and comment. The outcome is null when its type declares none:
-- then every answer is as good as another. What can still be undone is no answer.
create or replace function inbox_internal.answer_to(p_task_id uuid, p_actor jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_task app.task := inbox_internal.told_task(inbox_internal.task_to_read(p_task_id, p_actor), p_actor);
  v_event app.event;
begin
  if v_task.resolved_at is not null then
    select event.* into v_event
    from app.event event
    where event.task_id = v_task.id and event.kind in ('resolved', 'expired', 'withdrawn') and event.undone_at is null
    order by event.sequence desc
    limit 1;
  end if;

  return jsonb_build_object(
    'id', v_task.id,
    'state', v_task.state,
    'resolution', v_task.resolution,
    'outcome', (
      select state.outcome from app.task_state state
      where state.task_type_id = v_task.task_type_id and state.name = v_task.state and state.resolved
        and exists (
          select from app.task_state declared
          where declared.task_type_id = v_task.task_type_id and declared.resolved and declared.outcome <> 'neutral')),
    'args', v_event.args,
    'comment', v_event.comment,
    'actor', v_event.actor,
    'via', v_event.via,
    'at', v_event.at,
    'task', inbox_internal.task_object(v_task));
end
$$;
