-- A new person; without a password they sign in by links.
create or replace function inbox_internal.create_person(
  p_name text, p_role text, p_schemas text[], p_password_hash text, p_actor jsonb default null
) returns int
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_id int;
begin
  if p_name !~ '^[a-z0-9][a-z0-9_.@+-]{0,62}$' then
    raise sqlstate 'PT422' using
      message = format('a user name has 1 to 63 of a-z, 0-9 and _ . @ + -, and begins with a letter or digit, not "%s"', p_name),
      constraint = 'person_name_form';
  end if;

  perform inbox_internal.check_schemas(p_schemas);

  insert into app.person as person (name, role, schemas, password_hash)
  values (p_name, p_role, p_schemas, p_password_hash)
  on conflict (name) do nothing
  returning person.id into v_id;

  if not found then
    raise sqlstate 'PT409' using
      message = format('there is a user "%s" already', p_name),
      constraint = 'person_name_taken';
  end if;

  perform inbox_internal.note(
    p_actor, 'person_created', p_name, jsonb_build_object('role', p_role, 'schemas', p_schemas));
  return v_id;
end
$$;
