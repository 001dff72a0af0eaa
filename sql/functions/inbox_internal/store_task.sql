-- Writes everything of a task that a verb may change.
create or replace function inbox_internal.store_task(p_task app.task) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  update app.task task set
    state = p_task.state,
    title = p_task.title,
    resolved_at = p_task.resolved_at,
    resolved_by = p_task.resolved_by,
    resolution = p_task.resolution,
    sequence = p_task.sequence,
    version = p_task.version,
    held_until = p_task.held_until,
    meta = p_task.meta,
    digest = p_task.digest,
    attachments = p_task.attachments,
    checklist = p_task.checklist,
    search = p_task.search,
    tags = p_task.tags,
    urgency = p_task.urgency,
    start_at = p_task.start_at,
    respond_by = p_task.respond_by,
    deadline_moves = p_task.deadline_moves,
    respond_left = p_task.respond_left,
    late_at = p_task.late_at,
    snoozed_until = p_task.snoozed_until,
    assignee = p_task.assignee,
    claimed_by = p_task.claimed_by,
    claimed_until = p_task.claimed_until,
    merged_into = p_task.merged_into,
    merged_count = p_task.merged_count
  where task.id = p_task.id;
end
$$;
