-- What is wrong with values that one schema is for, each at its pointer. All of
-- them at once: a list of 100,000 numbers is one statement and not 100,000 calls,
-- and it is the schema that says how deep this goes, not what was sent.
create or replace function inbox_internal.json_faults(p_schema jsonb, p_values jsonb[], p_pointers text[]) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_faults jsonb := inbox_internal.own_faults(p_schema, p_values, p_pointers);
  v_properties jsonb := coalesce(p_schema -> 'properties', '{}');
  v_name text;
  v_schema jsonb;
  v_values jsonb[];
  v_pointers text[];
begin
  if p_schema ? 'required' or p_schema ? 'minProperties' or p_schema ? 'maxProperties' then
    v_faults := v_faults || inbox_internal.member_faults(p_schema, p_values, p_pointers);
  end if;

  for v_name, v_schema in select entry.key, entry.value from jsonb_each(v_properties) entry loop
    exit when jsonb_array_length(v_faults) >= 20;
    select array_agg(place.value -> v_name), array_agg(place.pointer || inbox_internal.pointer_step(v_name))
    into v_values, v_pointers
    from unnest(p_values, p_pointers) place (value, pointer)
    where jsonb_typeof(place.value) = 'object' and place.value ? v_name;
    if v_values is not null then
      v_faults := v_faults || inbox_internal.json_faults(v_schema, v_values, v_pointers);
    end if;
  end loop;

  if p_schema ? 'additionalProperties' and jsonb_array_length(v_faults) < 20 then
    select array_agg(member.value), array_agg(place.pointer || inbox_internal.pointer_step(member.key))
    into v_values, v_pointers
    from unnest(p_values, p_pointers) place (value, pointer)
    cross join lateral jsonb_each(
      case when jsonb_typeof(place.value) = 'object' then place.value else '{}' end) member
    where not v_properties ? member.key;
    if v_values is not null then
      v_faults := v_faults || inbox_internal.json_faults(p_schema -> 'additionalProperties', v_values, v_pointers);
    end if;
  end if;

  if p_schema ? 'items' and jsonb_array_length(v_faults) < 20 then
    select array_agg(item.value), array_agg(place.pointer || '/' || item.place - 1)
    into v_values, v_pointers
    from unnest(p_values, p_pointers) place (value, pointer)
    cross join lateral jsonb_array_elements(
      case when jsonb_typeof(place.value) = 'array' then place.value else '[]' end)
      with ordinality item (value, place);
    if v_values is not null then
      v_faults := v_faults || inbox_internal.json_faults(p_schema -> 'items', v_values, v_pointers);
    end if;
  end if;

  return v_faults;
end
$$;
