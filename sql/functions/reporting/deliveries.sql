-- Every delivery, owed or settled: app.outbox and app.delivery as one.
create or replace view reporting.deliveries as
with every as (
  select owed.id, owed.event_id, owed.endpoint_id, owed.task_id, owed.sequence, owed.created_at, owed.due_at,
    null::timestamptz as settled_at, owed.failures, owed.lost, owed.claim_no, null as outcome, owed.parked,
    owed.leased_until
  from app.outbox owed
  union all
  select settled.id, settled.event_id, settled.endpoint_id, settled.task_id, settled.sequence, settled.created_at, null,
    settled.settled_at, settled.failures, settled.lost, settled.claim_no, settled.outcome, false, null
  from app.delivery settled
)
select every.id, every.event_id, every.task_id, every.sequence, event.type, endpoint.schema_name,
  endpoint.task_type as endpoint_task_type, endpoint.url,
  case
    when every.outcome is not null then every.outcome
    when event.held_until > now() then 'held'
    when every.leased_until > now() then 'leased'
    when endpoint.state in ('paused', 'disabled') then 'paused'
    when every.parked then 'parked'
    when not endpoint.sendable then 'blocked'
    else 'owed'
  end as state,
  case
    when every.outcome is not null or every.leased_until > now() then null
    when event.held_until > now() then 'can still be undone'
    when every.parked and endpoint.state not in ('paused', 'disabled') then 'waits for an earlier event of this task'
    else endpoint.reason
  end as reason,
  tried.attempts, every.failures, every.created_at,
  case when every.outcome is null then greatest(every.due_at, endpoint.waits_until) end as due_at, every.settled_at,
  attempt.started_at as last_attempt_at, attempt.milliseconds as last_milliseconds, attempt.status as last_status,
  attempt.error_class as last_error_class, attempt.error as last_error, every.endpoint_id
from every
join app.event event on event.id = every.event_id
join reporting.endpoints endpoint on endpoint.id = every.endpoint_id
left join lateral (
  select last.* from app.attempt last
  where last.delivery_id = every.id
  order by last.claim_no desc
  limit 1
) attempt on true
cross join lateral (
  select count(*)::int as attempts from app.attempt try where try.delivery_id = every.id
) tried;

comment on view reporting.deliveries is 'Every webhook that is or was owed: state is owed, held, parked, blocked, paused, leased, delivered, failed or void; reason says why it waits.';
