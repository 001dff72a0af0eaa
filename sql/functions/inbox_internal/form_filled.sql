-- What is kept of what somebody filled in: absent and null are the same, and what
-- is absent has its default.
create or replace function inbox_internal.form_filled(p_form jsonb, p_value jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_value jsonb := coalesce(nullif(p_value, 'null'), '{}');
begin
  if jsonb_typeof(v_value) <> 'object' then
    return v_value;
  end if;

  return (
    select coalesce(jsonb_object_agg(member.key, member.value), '{}')
    from (
      select input.key, input.value -> 'default' as value
      from jsonb_each(coalesce(p_form -> 'properties', '{}')) input
      union all
      select given.key, given.value from jsonb_each(v_value) given
    ) member
    where member.value <> 'null');
end
$$;
