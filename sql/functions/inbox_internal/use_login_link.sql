-- Signs in by a link. Two uses at once: the second finds it used.
create or replace function inbox_internal.use_login_link(p_token_hash bytea, p_session_hash bytea, p_user_agent text)
  returns table (name text)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_person app.person;
begin
  update app.login_link link set used_at = now()
  from app.person person
  where link.token_hash = p_token_hash
    and link.used_at is null
    and link.expires_at > now()
    and person.id = link.person_id
    and person.disabled_at is null
  returning person.* into v_person;

  if not found then
    return;
  end if;

  perform inbox_internal.start_session(v_person.id, p_session_hash, p_user_agent);
  return query select v_person.name;
end
$$;
