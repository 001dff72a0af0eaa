-- Every delivery, owed or settled: app.outbox and app.delivery as one.
create or replace view reporting.deliveries as
with every as (
  select owed.id, owed.event_id, owed.endpoint_id, owed.task_id, owed.sequence, owed.created_at,
    greatest(owed.due_at, endpoint.quiet_until) as due_at, null::timestamptz as settled_at, owed.failures, owed.lost, owed.claim_no,
    case
      when owed.leased_until > now() then 'leased'
      when endpoint.state <> 'enabled' then 'paused'
      when owed.parked then 'parked'
      when endpoint.url is null or endpoint.blocked is not null or not signed.has_secret then 'blocked'
      else 'owed'
    end as state,
    case
      when endpoint.state <> 'enabled' then coalesce(endpoint.state_reason, endpoint.state)
      when endpoint.url is null then 'the newest schema version names no hook URL'
      when endpoint.blocked is not null then endpoint.blocked
      when not signed.has_secret then 'no signing secret yet'
      when owed.parked then 'waits for an earlier event of this task'
      when endpoint.quiet_until > now() then 'the receiver asked for quiet'
    end as reason
  from app.outbox owed
  join app.endpoint endpoint on endpoint.id = owed.endpoint_id
  cross join lateral (
    select exists (
      select from app.webhook_secret secret
      where secret.schema_name = endpoint.schema_name and secret.kind = 'signing'
        and (secret.expires_at is null or secret.expires_at > now())) as has_secret
  ) signed
  union all
  select settled.id, settled.event_id, settled.endpoint_id, settled.task_id, settled.sequence, settled.created_at,
    null, settled.settled_at, settled.failures, settled.lost, settled.claim_no, settled.outcome, null
  from app.delivery settled
)
select every.id, every.event_id, every.task_id, every.sequence, event.type, endpoint.schema_name,
  endpoint.task_type as endpoint_task_type, endpoint.url, every.state, every.reason,
  tried.attempts, every.failures, every.created_at, every.due_at, every.settled_at,
  attempt.started_at as last_attempt_at, attempt.milliseconds as last_milliseconds, attempt.status as last_status,
  attempt.error_class as last_error_class, attempt.error as last_error
from every
join app.event event on event.id = every.event_id
join app.endpoint endpoint on endpoint.id = every.endpoint_id
left join lateral (
  select last.* from app.attempt last
  where last.delivery_id = every.id
  order by last.claim_no desc
  limit 1
) attempt on true
cross join lateral (
  select count(*)::int as attempts from app.attempt try where try.delivery_id = every.id
) tried;

comment on view reporting.deliveries is 'Every webhook that is or was owed: state is owed, parked, blocked, paused, leased, delivered, failed or void; reason says why it waits.';
