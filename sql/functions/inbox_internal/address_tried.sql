-- What counts the tries from an address: all of them together, but those of a
-- person who signed in from there in the last 90 days by themselves.
create or replace function inbox_internal.address_tried(p_name text, p_group text) returns text
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person_id int;
begin
  select person.id into v_person_id
  from app.person person
  join app.known_address known on known.person_id = person.id
  where person.name = p_name
    and person.disabled_at is null
    and known.address = p_group
    and known.last_at > now() - interval '90 days';

  return 'address ' || p_group || coalesce(' person ' || v_person_id, '');
end
$$;
