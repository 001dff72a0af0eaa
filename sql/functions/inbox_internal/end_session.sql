-- Signs one browser out.
create or replace function inbox_internal.end_session(p_session_hash bytea) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  delete from app.session session where session.token_hash = p_session_hash
$$;
