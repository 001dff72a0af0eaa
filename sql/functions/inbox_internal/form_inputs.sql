-- A form as a page shows it: its inputs in their order, each with its limits, its
-- choices and what stands in it. Amounts are in units people write, choices are
-- JSON, so that what comes back keeps its type.
create or replace function inbox_internal.form_inputs(p_form jsonb, p_meta jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'name', input.name,
      'label', coalesce(input.property ->> 'title', input.name),
      'help', input.property ->> 'description',
      'kind', input.property ->> 'x-kind',
      'required', p_form -> 'required' ? input.name,
      'has_default', input.property ? 'default',
      'currency', upper(input.field ->> 'currency'),
      'decimals', inbox_internal.money_decimals(input.field ->> 'currency'),
      'min', inbox_internal.form_limit(input.field, coalesce(input.property -> 'minimum', input.property -> 'minLength')),
      'max', inbox_internal.form_limit(input.field, coalesce(input.property -> 'maximum', input.property -> 'maxLength')),
      'choices', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'value', choice.value::text,
          'label', coalesce(input.property #>> array['x-labels', (choice.place - 1)::text], choice.value #>> '{}')
        ) order by choice.place), '[]')
        from jsonb_array_elements(input.property -> 'enum') with ordinality as choice (value, place)
        where choice.value <> 'null'),
      'value', inbox_internal.form_prefill(input.property, p_meta)
    ) order by input.place), '[]')
    from (
      select named.name, named.place, p_form #> array['properties', named.name] as property,
        inbox_internal.form_field(p_form #> array['properties', named.name], p_meta) as field
      from jsonb_array_elements_text(p_form -> 'x-order') with ordinality as named (name, place)
    ) input);
end
$$;
