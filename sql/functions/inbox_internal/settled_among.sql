-- Which of these tasks are settled: what the requests that wait are waiting for.
-- What can still be undone is not.
create or replace function inbox_internal.settled_among(p_task_ids uuid[]) returns table (id uuid)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select task.id from app.task task where task.id = any (p_task_ids) and task.resolved_at is not null
    and (task.held_until is null or task.held_until <= now())
$$;
