-- What is wrong with the members of objects as a whole: which are missing, and
-- how many there are; for json_faults.
create or replace function inbox_internal.member_faults(p_schema jsonb, p_values jsonb[], p_pointers text[]) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_fewest numeric := (p_schema -> 'minProperties')::numeric;
  v_most numeric := (p_schema -> 'maxProperties')::numeric;
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('pointer', fault.pointer, 'detail', fault.detail)), '[]')
    from (
      select fault.pointer, fault.detail
      from unnest(p_values, p_pointers) place (value, pointer)
      cross join lateral (
        select place.pointer || inbox_internal.pointer_step(name), 'is required'
        from jsonb_array_elements_text(coalesce(p_schema -> 'required', '[]')) name
        where not place.value ? name
        union all
        select place.pointer, case
          when counted.members < v_fewest then format('must have %s or more members', v_fewest)
          when counted.members > v_most then format('must have %s or fewer members', v_most)
        end
        from (select count(*) as members from jsonb_object_keys(place.value)) counted
        where counted.members < v_fewest or counted.members > v_most
      ) fault (pointer, detail)
      where jsonb_typeof(place.value) = 'object'
      limit 20
    ) fault);
end
$$;
