-- Signs a person out: of one session, or of all but the one they are in. Gives
-- how many there were. One that is somebody else's is not there. Of all means that
-- no browser is known either, but the one they are in.
create or replace function inbox_internal.end_sessions(
  p_actor jsonb, p_person_id int, p_session_id uuid, p_but_session_id uuid, p_but_mark_hash bytea,
  p_address text
) returns int
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended int;
begin
  -- Who is just signing in is waited for, and then signed out.
  perform from app.person person where person.id = p_person_id for update;

  delete from app.session session
  where session.person_id = p_person_id
    and (p_session_id is null or session.id = p_session_id)
    and (p_but_session_id is null or session.id <> p_but_session_id);
  get diagnostics v_ended = row_count;

  if p_session_id is null and p_but_session_id is null then
    perform inbox_internal.void_ways_in(p_person_id);
  elsif p_session_id is null then
    delete from app.known_browser known
    where known.person_id = p_person_id and known.token_hash is distinct from p_but_mark_hash;
  end if;

  if v_ended > 0 then
    perform inbox_internal.note(
      p_actor, 'session_ended', inbox_internal.person_actor(p_person_id) ->> 'name',
      jsonb_build_object('sessions', v_ended), p_address);
  end if;
  return v_ended;
end
$$;
