-- A task as the outside world sees it: the same in the API, in webhooks and in
-- waits. What is absent is null, never left out. plpgsql though it decides
-- nothing: a SQL function with settings is planned anew at every call, which was
-- half of the time of a post.
create or replace function inbox_internal.task_object(p_task app.task) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_public_url text;
begin
  select setting.value into v_public_url from app.setting setting where setting.name = 'public_url';

  return jsonb_build_object(
    'id', p_task.id,
    'url', v_public_url || '/tasks/' || p_task.id,
    'schema', p_task.schema_name,
    'schema_version', p_task.schema_version,
    'ttype', p_task.ttype,
    'title', p_task.title,
    'state', p_task.state,
    'resolved', p_task.resolved_at is not null,
    'resolution', p_task.resolution,
    'version', p_task.version,
    'sequence', p_task.sequence,
    'digest', p_task.digest,
    'meta', p_task.meta,
    'external_id', p_task.external_id,
    'context', p_task.context,
    'tags', p_task.tags,
    'urgency', p_task.urgency,
    'start_at', p_task.start_at,
    'respond_by', p_task.respond_by,
    'late', coalesce(p_task.respond_by < coalesce(p_task.resolved_at, now()), false),
    'snoozed_until', case when p_task.snoozed_until > now() then p_task.snoozed_until end,
    'assignee', p_task.assignee,
    'claimed_by', case when p_task.claimed_until > now() then p_task.claimed_by end,
    'claimed_until', case when p_task.claimed_until > now() then p_task.claimed_until end,
    'merge_key', p_task.merge_key,
    'merged_into', p_task.merged_into,
    'merged_count', p_task.merged_count,
    'attachments', p_task.attachments,
    'checklist', p_task.checklist,
    'posted_at', p_task.posted_at,
    'posted_by', p_task.posted_by,
    'resolved_at', p_task.resolved_at,
    'resolved_by', p_task.resolved_by,
    'held_until', case when p_task.held_until > now() then p_task.held_until end
  );
end
$$;
