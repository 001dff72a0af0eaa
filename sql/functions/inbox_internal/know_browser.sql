-- Marks the browser in which a person signs in, and forgets their oldest beyond 50.
-- The mark it came with stays, so that a second try under way, or another person who
-- uses it, does not find it gone; but only one of ours: a planted one is worth
-- nothing. True: it stays; false: the browser gets the new one. Who calls has locked
-- the person.
create or replace function inbox_internal.know_browser(p_person_id int, p_mark_hash bytea, p_new_mark_hash bytea)
  returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_stays boolean := exists (select from app.known_browser known where known.token_hash = p_mark_hash);
begin
  insert into app.known_browser as known (token_hash, person_id)
  values (case when v_stays then p_mark_hash else p_new_mark_hash end, p_person_id)
  on conflict (token_hash, person_id) do update set last_at = now();

  delete from app.known_browser known
  using (
    select oldest.token_hash
    from app.known_browser oldest
    where oldest.person_id = p_person_id
    order by oldest.last_at desc
    offset 50
  ) beyond
  where known.token_hash = beyond.token_hash and known.person_id = p_person_id;
  return v_stays;
end
$$;
