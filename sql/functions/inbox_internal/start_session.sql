-- A signed-in browser. The cookie's token is known only to the browser. The
-- session it had before ends: a token is never carried into another sign-in.
-- The means are password, link, proxy, elevation or password_change. Gives whether the
-- browser's mark stays; see know_browser.
create or replace function inbox_internal.start_session(
  p_person_id int, p_session_hash bytea, p_user_agent text, p_address text, p_means text,
  p_old_session_hash bytea, p_mark_hash bytea, p_new_mark_hash bytea
) returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_began timestamptz;
begin
  delete from app.session session
  where session.token_hash = p_old_session_hash
  returning case when session.person_id = p_person_id then session.created_at end into v_began;

  insert into app.session (token_hash, person_id, user_agent, address, authenticated_at, created_at)
  values (
    p_session_hash, p_person_id, left(p_user_agent, 400), p_address::inet,
    -- A proxy says who it is, not that they have just proved it.
    case when p_means = 'proxy' then 'epoch' else now() end,
    -- Who proves again who they are does not thereby stay for another 90 days.
    case when p_means = 'elevation' then coalesce(v_began, now()) else now() end);

  if p_means <> 'password_change' then
    perform inbox_internal.note(
      inbox_internal.person_actor(p_person_id),
      case when p_means = 'elevation' then 'elevated' else 'signed_in' end,
      null, jsonb_build_object('means', p_means), p_address);
  end if;
  return inbox_internal.know_browser(p_person_id, p_mark_hash, p_new_mark_hash);
end
$$;
