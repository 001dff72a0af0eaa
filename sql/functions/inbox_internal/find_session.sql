-- Who is signed in: at most 14 days idle and 90 days in all. Nothing else.
create or replace function inbox_internal.find_session(p_session_hash bytea)
  returns table (id int, name text, role text, session_id uuid, elevated boolean, has_password boolean)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select person.id, person.name, person.role, session.id, session.authenticated_at > now() - interval '15 minutes',
      person.password_hash is not null
    from app.session session
    join app.person person on person.id = session.person_id
    where session.token_hash = p_session_hash
      and session.seen_at > now() - interval '14 days'
      and session.created_at > now() - interval '90 days'
      and person.disabled_at is null;

  if found then
    update app.session session set seen_at = now()
    where session.token_hash = p_session_hash and session.seen_at < now() - interval '5 minutes';
  end if;
end
$$;
