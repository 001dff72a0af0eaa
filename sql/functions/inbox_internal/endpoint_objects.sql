-- Endpoints of the schemas an actor sees, as the API, the command line and the
-- pages show them; one of them, or all.
create or replace function inbox_internal.endpoint_objects(p_actor jsonb, p_id int)
  returns table (endpoint_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
begin
  return query
    select jsonb_build_object(
      'id', endpoint.id,
      'schema', endpoint.schema_name,
      'task_type', endpoint.task_type,
      'url', endpoint.url,
      'state', endpoint.state,
      'reason', shown.reason,
      'sendable', shown.sendable,
      'open_until', case when endpoint.state = 'open' then endpoint.open_until end,
      'quiet_until', case when endpoint.quiet_until > now() then endpoint.quiet_until end,
      'failures', endpoint.failures,
      'failing_since', endpoint.failing_since,
      'owed', counted.owed,
      'oldest_owed', counted.oldest_owed,
      'failed', counted.failed,
      'has_secret', shown.has_secret,
      'old_secret_until', (
        select max(old.expires_at) from app.webhook_secret old
        where old.schema_name = endpoint.schema_name and old.kind = 'signing' and old.expires_at > now()),
      'notices', (
        select coalesce(jsonb_agg(notice.text order by notice.id), '[]') from app.notice notice
        where notice.endpoint_id = endpoint.id and notice.cleared_at is null))
    from app.endpoint endpoint
    join reporting.endpoints shown on shown.id = endpoint.id
    join inbox_internal.endpoint_counts() counted on counted.endpoint_id = endpoint.id
    where endpoint.schema_name = any (inbox_internal.schemas_seen(p_actor)) and (p_id is null or endpoint.id = p_id)
    order by endpoint.schema_name, endpoint.task_type nulls first;
end
$$;
