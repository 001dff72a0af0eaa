-- Signs one browser out.
create or replace function inbox_internal.end_session(p_session_hash bytea, p_address text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person_id int;
begin
  delete from app.session session where session.token_hash = p_session_hash
  returning session.person_id into v_person_id;

  if found then
    perform inbox_internal.note(inbox_internal.person_actor(v_person_id), 'signed_out', null, null, p_address);
  end if;
end
$$;
