-- A settled task as it was before it was settled, without its deadline.
create or replace function inbox_internal.reopened(p_task app.task) returns app.task
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  select settled.from_state into p_task.state
  from app.event settled
  where settled.task_id = p_task.id and settled.kind in ('resolved', 'expired') and settled.undone_at is null
  order by settled.sequence desc
  limit 1;

  p_task.resolved_at := null;
  p_task.resolved_by := null;
  p_task.resolution := null;
  p_task.respond_by := null;
  p_task.respond_left := null;
  p_task.deadline_moves := false;
  p_task.late_at := null;
  return p_task;
end
$$;
