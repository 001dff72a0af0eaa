-- Which of these waits are over: for a settlement, or for another version than the
-- one that is known; none is known by who waits for the end. What can still be
-- undone has not happened.
create or replace function inbox_internal.settled_among(p_task_ids uuid[], p_versions int[])
  returns table (id uuid, version int)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select waited.task_id, waited.version
  from unnest(p_task_ids, p_versions) as waited (task_id, version)
  join app.task task on task.id = waited.task_id
  where (task.held_until is null or task.held_until <= now())
    -- Who knows the version of a settled task would else be woken by whatever happens anywhere.
    and case when waited.version is null then task.resolved_at is not null else task.version <> waited.version end
$$;
