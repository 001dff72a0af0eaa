-- Numbers for a monitoring system, by name and labels.
create or replace function inbox_internal.metrics() returns table (name text, labels jsonb, value float8)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select measured.name,
    jsonb_build_object('schema', endpoint.schema_name, 'task_type', coalesce(endpoint.task_type, '')), measured.value
  from reporting.endpoints endpoint
  join inbox_internal.endpoint_counts() counted on counted.endpoint_id = endpoint.id
  cross join lateral (values
    ('deliveries_owed', counted.owed::float8),
    ('deliveries_failed', counted.failed::float8),
    ('delivery_oldest_seconds', coalesce(extract(epoch from now() - counted.oldest_owed), 0)::float8),
    ('endpoint_up', (endpoint.state = 'enabled' and endpoint.sendable)::int::float8)
  ) as measured (name, value)
  union all
  select 'notices_standing', '{}', (select count(*) from app.notice notice where notice.cleared_at is null)::float8
  union all
  select 'tasks_open', '{}', (select count(*) from app.task task where task.resolved_at is null)::float8
$$;
