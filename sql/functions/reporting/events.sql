-- Every step of every task.
create or replace view reporting.events as
select event.id, event.task_id, task.schema_name, task.ttype, event.sequence, event.version, event.at, event.kind,
  event.actor ->> 'kind' as actor_kind, event.actor ->> 'name' as actor, event.via, event.from_state, event.to_state,
  event.args, event.comment, event.undone_at
from app.event event
join app.task task on task.id = event.task_id;

comment on view reporting.events is 'Every step of every task: kind is posted, moved, resolved and the like; sequence counts a task''s steps from 1; undone_at is when it was taken back before the application was told.';
