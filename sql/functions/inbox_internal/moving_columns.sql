-- What a move may change of a task; see moved().
create or replace function inbox_internal.moving_columns(p_task app.task) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'state', p_task.state,
    'resolved_at', p_task.resolved_at,
    'resolved_by', p_task.resolved_by,
    'resolution', p_task.resolution,
    'respond_by', p_task.respond_by,
    'respond_left', p_task.respond_left,
    'snoozed_until', p_task.snoozed_until,
    'claimed_by', p_task.claimed_by,
    'claimed_until', p_task.claimed_until);
end
$$;
