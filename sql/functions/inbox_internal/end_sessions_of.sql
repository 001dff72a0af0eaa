-- For the command: signs the person it names out everywhere.
create or replace function inbox_internal.end_sessions_of(p_name text) returns int
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  return inbox_internal.end_sessions(null, (inbox_internal.person_named(p_name)).id, null, null, null, null);
end
$$;
