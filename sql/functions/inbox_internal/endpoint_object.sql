-- An endpoint as the API, the command line and the pages show it.
create or replace function inbox_internal.endpoint_object(p_endpoint app.endpoint) returns jsonb
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  select jsonb_build_object(
    'id', p_endpoint.id,
    'schema', p_endpoint.schema_name,
    'task_type', p_endpoint.task_type,
    'url', p_endpoint.url,
    'state', p_endpoint.state,
    'reason', shown.reason,
    'sendable', shown.sendable,
    'open_until', case when p_endpoint.state = 'open' then p_endpoint.open_until end,
    'quiet_until', case when p_endpoint.quiet_until > now() then p_endpoint.quiet_until end,
    'failures', p_endpoint.failures,
    'failing_since', p_endpoint.failing_since,
    'owed', (select count(*) from app.outbox owed where owed.endpoint_id = p_endpoint.id),
    'oldest_owed', (select min(owed.created_at) from app.outbox owed where owed.endpoint_id = p_endpoint.id),
    'failed', (
      select count(*) from app.delivery failed where failed.outcome = 'failed' and failed.endpoint_id = p_endpoint.id),
    'has_secret', shown.has_secret,
    'old_secret_until', (
      select max(old.expires_at) from app.webhook_secret old
      where old.schema_name = p_endpoint.schema_name and old.kind = 'signing' and old.expires_at > now()),
    'notices', (
      select coalesce(jsonb_agg(notice.text order by notice.id), '[]') from app.notice notice
      where notice.endpoint_id = p_endpoint.id and notice.cleared_at is null))
  from reporting.endpoints shown
  where shown.id = p_endpoint.id
$$;
