-- A task as it is in another state: settled, or on its way. A deadline of
-- respond_within stands still in a paused state. A settlement ends claim and
-- snooze.
create or replace function inbox_internal.moved(
  p_task app.task, p_state text, p_actor jsonb, p_resolution text
) returns app.task
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_type app.task_type;
  v_paused boolean;
begin
  select type.* into v_type from app.task_type type where type.id = p_task.task_type_id;
  v_paused := p_resolution is null and p_state = any (v_type.paused_states);
  p_task.state := p_state;

  if v_paused and p_task.deadline_moves and p_task.respond_by > now() then
    p_task.respond_left := p_task.respond_by - now();
    p_task.respond_by := null;
  elsif not v_paused and p_task.respond_left is not null then
    p_task.respond_by := now() + p_task.respond_left;
    p_task.respond_left := null;
  end if;

  if p_resolution is not null then
    p_task.resolved_at := now();
    p_task.resolved_by := p_actor;
    p_task.resolution := p_resolution;
    p_task.claimed_by := null;
    p_task.claimed_until := null;
    p_task.snoozed_until := null;
  end if;

  return p_task;
end
$$;
