-- The person a command names.
create or replace function inbox_internal.person_named(p_name text) returns app.person
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person app.person;
begin
  select person.* into v_person from app.person person where person.name = p_name;

  if not found then
    raise sqlstate 'PT404' using
      message = format('there is no user "%s"', p_name),
      constraint = 'person_exists';
  end if;

  return v_person;
end
$$;
