-- What is wrong with what somebody filled in, as [{"pointer", "detail"}]; empty
-- when it is good. A null form is that of a state which asks for nothing.
create or replace function inbox.form_errors(form jsonb, value jsonb) returns jsonb
  language plpgsql
  immutable
  security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_form jsonb := nullif(form_errors.form, 'null');
  v_filled jsonb := inbox_internal.form_filled(v_form, form_errors.value);
begin
  if v_form is null and jsonb_typeof(v_filled) = 'object' then
    return (
      select coalesce(jsonb_agg(jsonb_build_object(
        'pointer', inbox_internal.pointer_step(member.name), 'detail', 'this state takes no arguments')), '[]')
      from (select jsonb_object_keys(v_filled) as name limit 20) member);
  end if;

  return inbox_internal.json_errors(coalesce(v_form, '{"type": "object"}'), v_filled, '');
end
$$;
