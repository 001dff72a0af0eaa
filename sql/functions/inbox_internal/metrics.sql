-- Numbers for a monitoring system, by name and labels.
create or replace function inbox_internal.metrics() returns table (name text, labels jsonb, value float8)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select 'deliveries_owed', jsonb_build_object('schema', endpoint.schema_name, 'task_type', coalesce(endpoint.task_type, '')),
    (select count(*) from app.outbox owed where owed.endpoint_id = endpoint.id)::float8
  from app.endpoint endpoint
  union all
  select 'deliveries_failed', jsonb_build_object('schema', endpoint.schema_name, 'task_type', coalesce(endpoint.task_type, '')),
    (select count(*) from app.delivery failed where failed.outcome = 'failed' and failed.endpoint_id = endpoint.id)::float8
  from app.endpoint endpoint
  union all
  select 'delivery_oldest_seconds',
    jsonb_build_object('schema', endpoint.schema_name, 'task_type', coalesce(endpoint.task_type, '')),
    coalesce(extract(epoch from now() - (
      select min(owed.created_at) from app.outbox owed where owed.endpoint_id = endpoint.id)), 0)::float8
  from app.endpoint endpoint
  union all
  select 'endpoint_up', jsonb_build_object('schema', endpoint.schema_name, 'task_type', coalesce(endpoint.task_type, '')),
    (endpoint.state = 'enabled' and endpoint.sendable)::int::float8
  from reporting.endpoints endpoint
  union all
  select 'notices_standing', '{}', (select count(*) from app.notice notice where notice.cleared_at is null)::float8
  union all
  select 'tasks_open', '{}', (select count(*) from app.task task where task.resolved_at is null)::float8
$$;
