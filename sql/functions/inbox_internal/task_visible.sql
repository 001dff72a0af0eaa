-- Whether a task exists for an actor: it is of a schema they see, and for people
-- it has begun.
create or replace function inbox_internal.task_visible(p_task app.task, p_actor jsonb) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (p_task.start_at is null or p_task.start_at <= now() or p_actor ->> 'kind' <> 'person')
    and inbox_internal.may_see(p_actor, p_task.schema_name, p_task.posted_by);
end
$$;
