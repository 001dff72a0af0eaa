-- Refuses a schema that is not there or not for this key. By name a key learns
-- nothing of other schemas, not even whether they exist.
create or replace function inbox_internal.check_schema_to_post(p_actor jsonb, p_schema_name text) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_actor ->> 'kind' = 'key' and not inbox_internal.may_see(p_actor, p_schema_name, null) then
    raise sqlstate 'PT403' using
      message = format('this API key is not for the schema "%s"', p_schema_name),
      constraint = 'key_schema';
  end if;

  if not exists (select from app.schema schema where schema.name = p_schema_name) then
    raise sqlstate 'PT404' using
      message = format('there is no schema "%s"', p_schema_name),
      constraint = 'schema_exists';
  end if;
end
$$;
