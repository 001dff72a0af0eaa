-- A signed-in browser. The cookie's token is known only to the browser.
create or replace function inbox_internal.start_session(p_person_id int, p_session_hash bytea, p_user_agent text)
  returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  insert into app.session (token_hash, person_id, user_agent)
  values (p_session_hash, p_person_id, left(p_user_agent, 400))
$$;
