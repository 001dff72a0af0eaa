-- Whether a person of this name may be given tasks of a type: they are there, may
-- decide, see its schema and are among its candidates, as an admin always is.
create or replace function inbox_internal.assignable(p_task_type_id int, p_schema_name text, p_name text)
  returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from app.person person
    join app.task_type type on type.id = p_task_type_id
    where person.name = p_name
      and person.disabled_at is null
      and person.role <> 'viewer'
      and (person.schemas is null or p_schema_name = any (person.schemas))
      and (type.candidates is null or person.role = 'admin' or person.name = any (type.candidates)));
end
$$;
