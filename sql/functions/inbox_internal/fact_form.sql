-- The facts of a task as a form, in the order of its page, then those that only its
-- meta_schema knows. Beside what form_inputs reads: the path of each, what is blurred,
-- and in left_out the labels of what no form of a sensible size can hold.
create or replace function inbox_internal.fact_form(p_definition jsonb, p_meta jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    with field as (
      select field.value as field, field.value ->> 'name' as name, field.place
      from jsonb_array_elements(coalesce(p_definition -> 'fields', '[]')) with ordinality as field (value, place)
    ), property as (
      select member.key as name, member.value as schema
      from jsonb_each(case jsonb_typeof(p_definition #> '{meta_schema,properties}')
        when 'object' then p_definition #> '{meta_schema,properties}' else '{}' end) member
    ), fact as (
      select field.name, '/' || field.name as pointer, field.field, field.place from field
      union all
      select entry.key, inbox_internal.pointer_step(entry.key), '{}', 1000000 from jsonb_object_keys(p_meta) entry (key)
      where not exists (select from field where field.name = entry.key)
        and not exists (select from field where '/' || field.name = inbox_internal.pointer_step(entry.key))
      union all
      select property.name, inbox_internal.pointer_step(property.name), '{}', 2000000 from property
      where not p_meta ? property.name
        and not exists (select from field where field.name = property.name)
        and not exists (select from field where '/' || field.name = inbox_internal.pointer_step(property.name))
    ), sized as (
      select fact.*, inbox_internal.pointed(p_meta, fact.pointer) as value,
        -- As it is shown, and sent again.
        octet_length(fact.name) * 2
          + coalesce(octet_length(jsonb_pretty(inbox_internal.pointed(p_meta, fact.pointer))), 0) as size
      from fact
    ), fitting as (
      -- The small ones first: one that is huge keeps none of them out.
      select sized.*, coalesce(property.schema, '{}') as schema,
        sum(sized.size) over small <= 32768 and row_number() over small <= 200 as fits
      from sized
      left join property on inbox_internal.pointer_step(property.name) = sized.pointer
      window small as (order by sized.size, sized.place, sized.name)
    ), shown as (
      select fitting.*, inbox_internal.fact_kind(fitting.field ->> 'kind', fitting.schema, fitting.value) as kind
      from fitting
      where fitting.fits
    )
    select jsonb_build_object(
      'properties', coalesce(jsonb_object_agg(shown.name, inbox_internal.fact_property(
        shown.field, shown.schema, shown.kind, shown.name, shown.pointer, p_meta)), '{}'),
      'x-order', coalesce(jsonb_agg(shown.name order by shown.place, shown.name), '[]'),
      -- A box that is not ticked says no, which is an answer. An empty text that is there
      -- is an answer too.
      'required', coalesce(jsonb_agg(shown.name) filter (where shown.kind <> 'checkbox' and shown.value is distinct from '""' and (
        shown.field -> 'required' = 'true' or p_definition #> '{meta_schema,required}' ? shown.name)), '[]'),
      'left_out', (
        select coalesce(jsonb_agg(big.label), '[]')
        from (
          select left(inbox_internal.plain_text(fitting.field -> 'label', fitting.name), 80) as label
          from fitting where not fitting.fits order by fitting.place, fitting.name limit 10) big))
    from shown);
end
$$;
