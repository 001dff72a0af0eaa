-- Signs in by a link; who was invited and has no password may choose one. Two
-- uses at once: the second finds it used. Never slowed down by others' tries.
create or replace function inbox_internal.use_login_link(
  p_token_hash bytea, p_session_hash bytea, p_user_agent text, p_address text, p_old_session_hash bytea,
  p_mark_hash bytea, p_new_mark_hash bytea
) returns table (invited boolean, mark_stays boolean)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_person app.person;
  v_invited boolean;
begin
  -- The person before the link, as whoever shuts them out or voids their links.
  select person.* into v_person
  from app.login_link link
  join app.person person on person.id = link.person_id
  where link.token_hash = p_token_hash and person.disabled_at is null
  for update of person;

  if not found then
    return;
  end if;

  update app.login_link link set used_at = now()
  where link.token_hash = p_token_hash and link.used_at is null and link.expires_at > now()
  returning link.invitation and v_person.password_hash is null into v_invited;

  -- Used, or void, or expired; perhaps while the person was waited for.
  if not found then
    return;
  end if;

  return query select v_invited, inbox_internal.start_session(
    v_person.id, p_session_hash, p_user_agent, p_address, 'link', p_old_session_hash, p_mark_hash, p_new_mark_hash);
end
$$;
