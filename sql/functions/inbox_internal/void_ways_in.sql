-- What was open to a person before they were shut out, or had a new password, is no
-- more: sign-in links work no longer, and no browser is known. Who calls has locked
-- the person.
create or replace function inbox_internal.void_ways_in(p_person_id int) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  update app.login_link link set used_at = now() where link.person_id = p_person_id and link.used_at is null;
  delete from app.known_browser known where known.person_id = p_person_id;
end
$$;
