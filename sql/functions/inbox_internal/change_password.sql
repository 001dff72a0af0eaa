-- A person's own new password, already hashed. Every session of theirs ends, and
-- the browser they sit at gets a new one.
create or replace function inbox_internal.change_password(
  p_actor jsonb, p_password_hash text, p_session_hash bytea, p_user_agent text, p_address text, p_group text
) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person_id int := (p_actor ->> 'id')::int;
begin
  update app.person person set password_hash = p_password_hash where person.id = v_person_id;
  delete from app.session session where session.person_id = v_person_id;
  perform inbox_internal.void_login_links(v_person_id);
  perform inbox_internal.start_session(
    v_person_id, p_session_hash, p_user_agent, p_address, p_group, 'password_change', null);
  perform inbox_internal.note(p_actor, 'password_set', p_actor ->> 'name', null, p_address);
end
$$;
