-- Sets a person's password, already hashed, and signs them out everywhere.
create or replace function inbox_internal.set_password(p_name text, p_password_hash text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person app.person := inbox_internal.person_named(p_name);
begin
  update app.person person set password_hash = p_password_hash where person.id = v_person.id;
  delete from app.session session where session.person_id = v_person.id;
  perform inbox_internal.void_ways_in(v_person.id);
  perform inbox_internal.note(null, 'password_set', p_name);
end
$$;
