-- Whether applications are told of such an event of a task type.
create or replace function inbox_internal.told_of(p_task_type_id int, p_type text) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from app.task_type type where type.id = p_task_type_id and p_type = any (type.webhooks));
end
$$;
