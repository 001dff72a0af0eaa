-- A person's own new password, already hashed. Every session of theirs ends, and
-- the browser they sit at gets a new one, as it gets a new mark: whoever had copied
-- the old ones is a stranger. Only while the session it is asked from
-- stands and they said who they are lately: hashing takes its time, and somebody
-- may have been shut out meanwhile. False: that was so, and nothing is changed.
create or replace function inbox_internal.change_password(
  p_old_session_hash bytea, p_password_hash text, p_session_hash bytea, p_user_agent text, p_address text,
  p_new_mark_hash bytea
) returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person_id int;
  v_actor jsonb;
begin
  -- Who is just ending this session, or disabling its person, is waited for.
  perform from app.session session
  join app.person person on person.id = session.person_id
  where session.token_hash = p_old_session_hash
  for update of person, session;

  select found.id into v_person_id
  from inbox_internal.find_session(p_old_session_hash) found
  where found.elevated;

  if v_person_id is null then
    return false;
  end if;

  v_actor := inbox_internal.person_actor(v_person_id);
  update app.person person set password_hash = p_password_hash where person.id = v_person_id;
  delete from app.session session where session.person_id = v_person_id;
  perform inbox_internal.void_ways_in(v_person_id);
  perform inbox_internal.start_session(
    v_person_id, p_session_hash, p_user_agent, p_address, 'password_change', null, null, p_new_mark_hash);
  perform inbox_internal.note(v_actor, 'password_set', v_actor ->> 'name', null, p_address);
  return true;
end
$$;
