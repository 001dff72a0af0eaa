-- The task type a post names, of the schema's active version.
create or replace function inbox_internal.type_to_post(p_actor jsonb, p_schema_name text, p_type_name text)
  returns app.task_type
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_type app.task_type;
begin
  select type.* into v_type
  from app.schema schema
  join app.task_type type on type.schema_version_id = schema.active_version_id
  where schema.name = p_schema_name and type.name = p_type_name;

  if not found or p_actor ->> 'kind' = 'key' and not inbox_internal.may_see(p_actor, p_schema_name, null) then
    perform inbox_internal.check_schema_to_post(p_actor, p_schema_name);
    raise sqlstate 'PT404' using
      message = format('schema "%s" has no task type "%s"', p_schema_name, p_type_name),
      constraint = 'task_type_exists';
  end if;

  return v_type;
end
$$;
