-- Refuses who is limited to some schemas what is about all of them.
create or replace function inbox_internal.check_all_schemas(p_actor jsonb) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
      select from app.api_key key
      where p_actor ->> 'kind' = 'key' and key.id = (p_actor ->> 'id')::int and key.schema_name is not null)
    or exists (
      select from app.person person
      where p_actor ->> 'kind' = 'person' and person.id = (p_actor ->> 'id')::int and person.schemas is not null)
  then
    raise sqlstate 'PT403' using
      message = 'this is about all schemas, and you are limited to some',
      constraint = 'key_schema';
  end if;
end
$$;
