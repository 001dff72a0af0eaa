-- A person as an actor.
create or replace function inbox_internal.person_actor(p_person_id int) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select jsonb_build_object('kind', 'person', 'id', person.id::text, 'name', person.name)
    from app.person person where person.id = p_person_id);
end
$$;
