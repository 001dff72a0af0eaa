-- Signs in whom a trusted proxy has named, if there is such a person and they
-- are not disabled. The session the browser had before ends. Gives whether the
-- browser's mark stays; null: nobody is signed in.
create or replace function inbox_internal.sign_in_named(
  p_name text, p_session_hash bytea, p_user_agent text, p_address text, p_old_session_hash bytea,
  p_mark_hash bytea, p_new_mark_hash bytea
) returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person_id int;
begin
  select person.id into v_person_id
  from app.person person
  where person.name = p_name and person.disabled_at is null
  for update;

  if not found then
    return null;
  end if;

  return inbox_internal.start_session(
    v_person_id, p_session_hash, p_user_agent, p_address, 'proxy', p_old_session_hash, p_mark_hash, p_new_mark_hash);
end
$$;
