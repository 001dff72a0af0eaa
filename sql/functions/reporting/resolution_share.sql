-- Which decisions are taken how often, per task type.
create or replace view reporting.resolution_share as
select task.schema_name, task.ttype, task.state, count(*) as resolved,
  round(count(*) / sum(count(*)) over (partition by task.schema_name, task.ttype), 4) as share
from app.task task
where task.resolution in ('decided', 'expired') and task.merged_into is null
group by task.schema_name, task.ttype, task.state;

comment on view reporting.resolution_share is 'How often each resolved state was chosen per task type; share is of 1.';
