-- The password was right: its name waits no longer, and the browser is signed
-- in. Not when another password was set while this one was being checked. A new
-- hash of the same password replaces one that was made with less work. Gives whether
-- the browser's mark stays; null: nobody is signed in.
create or replace function inbox_internal.finish_sign_in(
  p_person_id int, p_checked_hash text, p_new_hash text, p_counted text[], p_session_hash bytea, p_user_agent text,
  p_address text, p_means text, p_old_session_hash bytea, p_mark_hash bytea, p_new_mark_hash bytea
) returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person app.person;
begin
  select person.* into v_person
  from app.person person
  where person.id = p_person_id and person.password_hash = p_checked_hash and person.disabled_at is null
  for update;

  if not found then
    return null;
  end if;

  if p_new_hash is not null then
    update app.person person set password_hash = p_new_hash where person.id = v_person.id;
  end if;
  perform inbox_internal.forgive_sign_in(p_counted, true);
  return inbox_internal.start_session(
    v_person.id, p_session_hash, p_user_agent, p_address, p_means, p_old_session_hash, p_mark_hash, p_new_mark_hash);
end
$$;
