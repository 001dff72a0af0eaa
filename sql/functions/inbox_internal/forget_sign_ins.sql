-- Deletes tries that no longer count, marks of browsers that were not used for long, and
-- sessions that are over.
create or replace function inbox_internal.forget_sign_ins() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  delete from app.sign_in_tries tries where tries.last_at < now() - interval '1 day';
  delete from app.known_browser known where known.last_at < now() - interval '400 days';
  delete from app.session session where session.seen_at < now() - interval '14 days';
end
$$;
