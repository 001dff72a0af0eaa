-- What somebody answered in a form, as people read it: [{"label", "text"}].
create or replace function inbox_internal.form_answers(p_form jsonb, p_args jsonb, p_meta jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'label', coalesce(answer.property ->> 'title', answer.name),
      'text', coalesce(
        -- A choice by its label.
        (select answer.property #>> array['x-labels', (choice.place - 1)::text]
         from jsonb_array_elements(answer.property -> 'enum') with ordinality as choice (value, place)
         where choice.value = answer.value
         limit 1),
        inbox_internal.fact_text(
          answer.value, inbox_internal.form_field(coalesce(answer.property, '{}'), p_meta), p_meta))
    ) order by answer.place), '[]')
    from (
      select given.key as name, given.value, p_form #> array['properties', given.key] as property, (
        select named.place from jsonb_array_elements_text(p_form -> 'x-order') with ordinality as named (name, place)
        where named.name = given.key) as place
      from jsonb_each(case when jsonb_typeof(p_args) = 'object' then p_args else '{}' end) given
    ) answer);
end
$$;
