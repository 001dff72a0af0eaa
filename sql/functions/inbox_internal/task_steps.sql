-- The history of a task as people read it.
create or replace function inbox_internal.task_steps(p_task app.task) returns jsonb
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'sequence', event.sequence,
    'at', event.at,
    'kind', event.kind,
    'actor', event.actor ->> 'name',
    'via', event.via,
    'from_label', inbox_internal.plain_text(source.label, source.name),
    'to_label', inbox_internal.plain_text(target.label, target.name),
    'args', case when event.kind = 'ticked'
      then event.args || jsonb_build_object('item', coalesce(
        (select item.value ->> 'label' from jsonb_array_elements(p_task.checklist) item
         where item.value ->> 'name' = event.args ->> 'item'),
        event.args ->> 'item'))
      else event.args end,
    'answers', case when event.kind in ('moved', 'resolved', 'expired')
      then inbox_internal.form_answers(target.form, event.args, p_task.meta) end,
    'comment', event.comment,
    'undone', event.undone_at is not null
  ) order by event.sequence), '[]')
  from app.event event
  left join app.task_state source on source.task_type_id = p_task.task_type_id and source.name = event.from_state
  left join app.task_state target on target.task_type_id = p_task.task_type_id and target.name = event.to_state
  where event.task_id = p_task.id
$$;
