-- Everybody who may sign in, or might once.
create or replace function inbox_internal.list_people() returns table (person_object jsonb)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  select jsonb_build_object(
    'id', person.id, 'name', person.name, 'role', person.role, 'schemas', person.schemas,
    'password', person.password_hash is not null, 'disabled_at', person.disabled_at, 'created_at', person.created_at,
    'last_seen_at', (select max(session.seen_at) from app.session session where session.person_id = person.id))
  from app.person person
  order by person.name
$$;
