-- One input of a form as the kind of field that facts have, for a person to read.
create or replace function inbox_internal.form_field(p_input jsonb, p_meta jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'kind', p_input ->> 'x-kind',
    'currency', coalesce(
      p_input ->> 'x-currency',
      inbox_internal.pointed(p_meta, p_input ->> 'x-currency-from') #>> '{}'));
end
$$;
