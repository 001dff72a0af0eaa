-- Where a person is signed in, what was used last first.
create or replace function inbox_internal.list_sessions(p_person_id int) returns table (session_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
begin
  return query
    select jsonb_build_object(
      'id', session.id, 'user_agent', session.user_agent, 'address', host(session.address),
      'created_at', session.created_at, 'seen_at', session.seen_at)
    from app.session session
    where session.person_id = p_person_id
      and session.seen_at > now() - interval '14 days'
      and session.created_at > now() - interval '90 days'
    order by session.seen_at desc, session.created_at desc;
end
$$;
