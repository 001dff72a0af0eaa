-- What a verb answers that had nothing to do: the task as it is.
create or replace function inbox_internal.unchanged(p_task app.task, p_actor jsonb) returns app.verb_result
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    p_task.id, false, false, inbox_internal.task_object(inbox_internal.told_task(p_task, p_actor)), null
  )::app.verb_result;
end
$$;
