-- Sign-in links that were made before somebody was shut out, or had a new
-- password, work no more.
create or replace function inbox_internal.void_login_links(p_person_id int) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  update app.login_link link set used_at = now() where link.person_id = p_person_id and link.used_at is null;
end
$$;
