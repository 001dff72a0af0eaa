-- What stands in an input before anybody types: the fact it is from, or else its
-- default, written as a browser wants it. Null: nothing, also when it does not fit.
create or replace function inbox_internal.form_prefill(p_input jsonb, p_meta jsonb) returns text
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_field jsonb := inbox_internal.form_field(p_input, p_meta);
  v_value jsonb := coalesce(
    nullif(inbox_internal.pointed(p_meta, p_input ->> 'x-from'), 'null'), p_input -> 'default');
  v_decimals int;
begin
  -- A limit may be broken: then one sees by how much. What it is may not.
  if v_value is null
    or p_input ->> 'x-kind' <> 'select'
      and inbox_internal.json_errors(inbox_internal.kind_schema(p_input ->> 'x-kind'), v_value, '') <> '[]'
  then
    return null;
  end if;

  return case p_input ->> 'x-kind'
    when 'money' then split_part(inbox_internal.fact_text(v_value, v_field, p_meta), ' ', 1)
    when 'select' then (
      select choice.value::text from jsonb_array_elements(p_input -> 'enum') choice where choice.value = v_value limit 1)
    when 'json' then jsonb_pretty(v_value)
    when 'datetime' then to_char(inbox_internal.instant_written(v_value #>> '{}'), 'YYYY-MM-DD"T"HH24:MI:SS')
    else v_value #>> '{}'
  end;
end
$$;
