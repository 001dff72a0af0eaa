-- The kind of input for a fact: what its schema lists to choose from, else the kind
-- its type declares, else what the schema says of it. Where its value does not fit,
-- and where nothing is said, the value decides: what is untouched must not change.
create or replace function inbox_internal.fact_kind(p_kind text, p_schema jsonb, p_value jsonb) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_given boolean := coalesce(p_value, 'null') <> 'null';
  v_types jsonb := case jsonb_typeof(p_schema -> 'type')
    when 'array' then p_schema -> 'type' else jsonb_build_array(p_schema -> 'type') end;
  v_type text;
  v_kind text;
begin
  if p_schema ? 'enum' and (not v_given or exists (
    select from jsonb_array_elements(p_schema -> 'enum') choice where choice.value = p_value))
  then
    return 'select';
  end if;

  select type.name into v_type
  from jsonb_array_elements_text(v_types) with ordinality as type (name, place)
  where type.name <> 'null'
  order by type.place
  limit 1;
  foreach v_kind in array array[p_kind, case v_type
    when 'string' then case p_schema ->> 'format'
      when 'date' then 'date'
      when 'date-time' then 'datetime'
      when 'uri' then 'url'
      when 'email' then 'email'
      else 'text'
    end
    when 'boolean' then 'checkbox'
    when 'object' then 'json'
    when 'array' then 'json'
    else v_type
  end, case jsonb_typeof(p_value)
    when 'number' then 'number'
    when 'boolean' then 'checkbox'
    when 'object' then 'json'
    when 'array' then 'json'
    else 'text'
  end] loop
    -- What a select without choices may be, only its value tells.
    exit when v_kind <> 'select' and (not v_given
      or inbox_internal.json_errors(inbox_internal.kind_schema(v_kind), p_value, '') = '[]');
  end loop;

  return case
    -- No single line holds it, or shows it.
    when v_kind = 'text' and (length(p_value #>> '{}') > 80 or p_value #>> '{}' ~ '[\n\r]') then 'long_text'
    -- A box has no third state for what is not there.
    when v_kind = 'checkbox' and not v_given then 'select'
    else v_kind
  end;
end
$$;
