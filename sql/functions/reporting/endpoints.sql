-- Where webhooks go, and what keeps them from going there.
create or replace view reporting.endpoints as
with known as (
  select endpoint.*,
    case when endpoint.state = 'open' then endpoint.open_until end as probe_at,
    (select nullif(setting.value, '') from app.setting setting where setting.name = 'delivery_fault') as fault,
    exists (
      select from app.webhook_secret secret
      where secret.schema_name = endpoint.schema_name and secret.kind = 'signing') as has_secret,
    -- Workers live, and none of them has the keys of all that signs.
    exists (select from app.worker) and not exists (
      select from app.worker worker
      where not exists (
        select from app.webhook_secret live
        where live.schema_name = endpoint.schema_name
          and (live.expires_at is null or live.expires_at > now())
          and live.key_id <> all (worker.key_ids))) as unopened
  from app.endpoint endpoint
)
select known.id, known.schema_name, known.task_type, known.url, known.state,
  known.url is not null and known.blocked is null and known.has_secret and not known.unopened
    and known.fault is null as sendable,
  case
    when known.state in ('paused', 'disabled') then coalesce(known.state_reason, known.state)
    when known.url is null then 'the newest schema version names no hook URL'
    when known.blocked is not null then known.blocked
    when not known.has_secret then 'no signing secret yet'
    when known.unopened then 'no server has the key in `TASK_INBOX_SECRET_KEY` that sealed its secrets'
    when known.fault is not null then known.fault
    when known.state = 'open' then format('the last %s attempts failed', known.failures)
    when known.quiet_until > now() then 'the receiver asked for quiet'
  end as reason,
  greatest(known.quiet_until, known.probe_at) as waits_until,
  known.failures, known.failing_since, known.has_secret
from known;

comment on view reporting.endpoints is 'Where webhooks go: state is enabled, open (failing, probed now and then), paused (by a person) or disabled; sendable is false when a fault of ours is in the way; reason says what it waits for.';
