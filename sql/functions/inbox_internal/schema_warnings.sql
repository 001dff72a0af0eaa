-- Whom a schema names that cannot decide its tasks: they are passed over.
create or replace function inbox_internal.schema_warnings(p_definition jsonb) returns text[]
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select distinct format('task type "%s" names "%s", and there is nobody of that name who may decide it',
      type.value ->> 'name', named.name)
    from jsonb_array_elements(p_definition -> 'task_types') type
    cross join lateral (
      select jsonb_array_elements_text(
        coalesce(nullif(type.value -> 'candidates', 'null'), '[]')
        || coalesce(type.value #> '{assign,round_robin}', '[]')
        || case when type.value #> '{assign,to}' is null then '[]' else jsonb_build_array(type.value #> '{assign,to}') end)
    ) named (name)
    where not exists (
      select from app.person person
      where person.name = named.name
        and person.disabled_at is null
        and person.role <> 'viewer'
        and (person.schemas is null or p_definition ->> 'name' = any (person.schemas)))
    order by 1);
end
$$;
