-- One task with what may be done with it and whether the application has heard:
-- {task, ttype, allowed_states, allowed_verbs, version, deliveries}.
create or replace function inbox.get_task(task_id uuid, actor jsonb default null) returns jsonb
  language plpgsql
  stable
  security definer
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
  v_actor jsonb := inbox_internal.acting(get_task.actor);
  v_task app.task;
  v_told app.task;
begin
  perform inbox_internal.check_right(v_actor, 'read');
  v_task := inbox_internal.task_to_read(get_task.task_id, v_actor);
  v_told := inbox_internal.told_task(v_task, v_actor);

  return jsonb_build_object(
    'task', inbox_internal.task_object(v_told),
    'ttype', v_task.ttype,
    'allowed_states', (
      select coalesce(jsonb_agg(to_jsonb(move) - 'resolved' - 'reason_texts'), '[]') from inbox.allowed_moves(v_task.id, v_actor) move),
    'allowed_verbs', inbox.allowed_verbs(v_task.id, v_actor),
    'version', v_told.version,
    'deliveries', inbox_internal.task_deliveries(v_task.id, v_actor));
end
$$;
