-- What waits for a person now, per task type and state.
create or replace view reporting.backlog as
select task.schema_name, task.ttype, task.state, count(*) as open, min(task.posted_at) as oldest_posted_at,
  now() - min(task.posted_at) as oldest_age, count(*) filter (where task.respond_by < now()) as late,
  count(*) filter (where task.snoozed_until > now()) as snoozed
from app.task task
where task.resolved_at is null and task.merged_into is null
group by task.schema_name, task.ttype, task.state;

comment on view reporting.backlog is 'Open tasks per task type and state, with the age of the oldest.';
