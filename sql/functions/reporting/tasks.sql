-- Every task, one row each.
create or replace view reporting.tasks as
select task.id, task.schema_name, task.schema_version, task.ttype, task.title, task.state,
  task.resolved_at is not null as resolved, task.resolution, task.urgency::text as urgency, task.tags,
  task.external_id, task.meta, task.context, task.version, task.sequence, task.posted_at,
  task.posted_by ->> 'kind' as posted_by_kind, task.posted_by ->> 'name' as posted_by,
  task.resolved_at, task.resolved_by ->> 'kind' as resolved_by_kind, task.resolved_by ->> 'name' as resolved_by,
  task.resolved_at - task.posted_at as took, task.start_at, task.respond_by,
  coalesce(task.respond_by < coalesce(task.resolved_at, now()), false) as late, task.assignee, task.snoozed_until,
  task.merge_key, task.merged_into, task.merged_count
from app.task task;

comment on view reporting.tasks is 'Every task: state null is new; took is the time from post to settlement, null while it is open; late: its deadline passed before it was settled; merged_into is the task that people saw in its place.';
