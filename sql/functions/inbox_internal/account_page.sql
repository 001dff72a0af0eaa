-- Everything a person's own page shows.
create or replace function inbox_internal.account_page(p_actor jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person app.person;
begin
  select person.* into v_person from app.person person where person.id = (p_actor ->> 'id')::int;

  return inbox_internal.page_shell(p_actor) || jsonb_build_object(
    'role', v_person.role,
    'schemas', v_person.schemas,
    'password', v_person.password_hash is not null,
    'sessions', (
      select coalesce(jsonb_agg(listed.session_object), '[]') from inbox_internal.list_sessions(v_person.id) listed));
end
$$;
