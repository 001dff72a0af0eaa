-- The moves that the page of a task shows, with the form of each. Also while
-- somebody else is at it: who takes it over goes on with what they had typed.
create or replace function inbox_internal.task_moves(p_task app.task, p_actor jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  p_task.claimed_by := null;
  p_task.claimed_until := null;
  if not inbox_internal.verb_allowed(p_task, p_actor, 'resolve') then
    return '[]';
  end if;

  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'name', target.name,
      'label', inbox_internal.plain_text(target.label, target.name),
      'style', target.style,
      'confirm', target.confirm,
      'comment', target.comment,
      'inputs', inbox_internal.form_inputs(target.form, p_task.meta),
      'reason_texts', target.reason_texts
    ) order by target.position), '[]')
    from app.task_state target
    where target.task_type_id = p_task.task_type_id and inbox_internal.move_allowed(target, p_task.state));
end
$$;
