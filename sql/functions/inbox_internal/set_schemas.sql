-- Which schemas a person sees; null is all.
create or replace function inbox_internal.set_schemas(p_name text, p_schemas text[]) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person app.person := inbox_internal.person_named(p_name);
begin
  perform inbox_internal.check_schemas(p_schemas);
  update app.person person set schemas = p_schemas where person.id = v_person.id;
  perform inbox_internal.note(
    null, 'schemas_changed', p_name, jsonb_build_object('from', v_person.schemas, 'to', p_schemas));
end
$$;
