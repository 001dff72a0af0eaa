-- What a password is checked against; nothing for nobody, or without a password.
create or replace function inbox_internal.password_of(p_name text) returns table (id int, password_hash text)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select person.id, person.password_hash
  from app.person person
  where person.name = p_name and person.disabled_at is null and person.password_hash is not null
$$;
