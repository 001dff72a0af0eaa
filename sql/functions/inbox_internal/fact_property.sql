-- One fact as a property of a form, in the words of a task schema's own forms.
create or replace function inbox_internal.fact_property(
  p_field jsonb, p_schema jsonb, p_kind text, p_name text, p_pointer text, p_meta jsonb
) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_choices jsonb := case when p_kind = 'select' then coalesce(p_schema -> 'enum', '[true, false]') end;
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'title', inbox_internal.plain_text(
      p_field -> 'label', coalesce(p_schema ->> 'title', regexp_replace(p_name, '__preview$', ''))),
    'description', p_schema ->> 'description',
    'x-kind', p_kind,
    'x-from', p_pointer,
    'x-currency', p_field ->> 'currency',
    'x-currency-from', p_field ->> 'currency_from',
    'minimum', p_schema -> 'minimum',
    'maximum', p_schema -> 'maximum',
    'minLength', p_schema -> 'minLength',
    'maxLength', p_schema -> 'maxLength',
    'enum', v_choices,
    'x-labels', (
      select jsonb_agg(case
        when choice.value = 'true' then 'Yes'
        when choice.value = 'false' then 'No'
        else inbox_internal.fact_text(choice.value, p_field, p_meta)
      end order by choice.place)
      from jsonb_array_elements(v_choices) with ordinality choice (value, place))));
end
$$;
