-- The names of those whom a task may be given to.
create or replace function inbox_internal.assignable_people(p_task app.task) returns text[]
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select person.name from app.person person
    where inbox_internal.assignable(p_task.task_type_id, p_task.schema_name, person.name)
    order by person.name);
end
$$;
