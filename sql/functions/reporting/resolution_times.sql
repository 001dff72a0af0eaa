-- How long settlement takes, per task type and day of settlement. Withdrawn
-- tasks were not decided and do not count.
create or replace view reporting.resolution_times as
select task.schema_name, task.ttype, (task.resolved_at at time zone 'UTC')::date as day,
  count(*) as resolved,
  percentile_cont(0.5) within group (order by task.resolved_at - task.posted_at) as median,
  percentile_cont(0.9) within group (order by task.resolved_at - task.posted_at) as p90,
  percentile_cont(0.95) within group (order by task.resolved_at - task.posted_at) as p95,
  avg(task.resolved_at - task.posted_at) as mean
from app.task task
where task.resolution in ('decided', 'expired') and task.merged_into is null
group by task.schema_name, task.ttype, (task.resolved_at at time zone 'UTC')::date;

comment on view reporting.resolution_times is 'Time from post to settlement per task type and UTC day; withdrawn tasks do not count.';
