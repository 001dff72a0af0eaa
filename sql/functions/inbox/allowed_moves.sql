-- The states a task may go to now, in the order of its schema: what the page
-- shows as buttons and the API as allowed_states, with the form of the arguments
-- each takes. A settled task has none, and neither has who may not decide it.
create or replace function inbox.allowed_moves(task_id uuid, actor jsonb default null)
  returns table (
    name text, label text, outcome text, style text, confirm text, comment text, resolved boolean, form jsonb,
    reason_texts jsonb)
  language plpgsql
  stable
  security definer
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_actor jsonb := inbox_internal.acting(allowed_moves.actor);
  v_real app.task := inbox_internal.lead_of(inbox_internal.task_to_read(allowed_moves.task_id, v_actor));
  v_task app.task := inbox_internal.told_task(v_real, v_actor);
begin
  -- Also what is held, and not yet told, is decided.
  if not inbox_internal.verb_allowed(v_real, v_actor, 'resolve') then
    return;
  end if;

  return query
    select target.name, inbox_internal.plain_text(target.label, target.name), target.outcome, target.style, target.confirm,
      target.comment, target.resolved, target.form, target.reason_texts
    from app.task_state target
    where target.task_type_id = v_task.task_type_id and inbox_internal.move_allowed(target, v_task.state)
    order by target.position;
end
$$;
