-- For the command: the sessions of the person it names.
create or replace function inbox_internal.list_sessions_of(p_name text) returns table (session_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query select listed.session_object from inbox_internal.list_sessions((inbox_internal.person_named(p_name)).id) listed;
end
$$;
