-- Which of these tasks are what the requests that wait are waiting for: settled,
-- or at another version than the one they know; none is known by who waits for the
-- end. What can still be undone has not happened.
create or replace function inbox_internal.settled_among(p_task_ids uuid[], p_versions int[]) returns table (id uuid)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select distinct task.id
  from unnest(p_task_ids, p_versions) as waited (task_id, version)
  join app.task task on task.id = waited.task_id
  where (task.held_until is null or task.held_until <= now())
    and (task.resolved_at is not null or task.version <> waited.version)
$$;
