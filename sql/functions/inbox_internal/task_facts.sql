-- The facts of a task in the order people should read them: the fields the
-- type lists, then every other key of meta. A key `name__preview` is something
-- to look at, as in the first task-inbox.
create or replace function inbox_internal.task_facts(p_definition jsonb, p_meta jsonb) returns jsonb
  language sql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
  with field as (
    select field.value as field, field.value ->> 'name' as name, field.place
    from jsonb_array_elements(coalesce(p_definition -> 'fields', '[]')) with ordinality as field (value, place)
  ), fact as (
    select field.name, field.field, inbox_internal.pointed(p_meta, '/' || field.name) as value, field.place
    from field
    union all
    select entry.key, '{}'::jsonb, entry.value, 1000000
    from jsonb_each(p_meta) entry
    where not exists (select from field where field.name = entry.key)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'name', fact.name,
    'label', inbox_internal.plain_text(fact.field -> 'label', regexp_replace(fact.name, '__preview$', '')),
    'kind', coalesce(fact.field ->> 'kind', case
      when jsonb_typeof(fact.value) in ('object', 'array') then 'json'
      when fact.name like '%\_\_preview' then 'url'
      else 'text'
    end),
    'preview', coalesce((fact.field ->> 'preview')::boolean, fact.name like '%\_\_preview'),
    'blur', coalesce((fact.field ->> 'blur')::boolean, false),
    'text', inbox_internal.fact_text(fact.value, fact.field, p_meta)
  ) order by fact.place, fact.name), '[]')
  from fact
$$;
