-- Operators have been told.
create or replace function inbox_internal.notice_told(p_id int) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  update app.notice notice set told_at = now() where notice.id = p_id
$$;
