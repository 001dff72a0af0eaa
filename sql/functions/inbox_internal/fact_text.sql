-- One fact of a task as a person reads it. What does not fit its kind is shown
-- as it came, never refused and never hidden.
create or replace function inbox_internal.fact_text(p_value jsonb, p_field jsonb, p_meta jsonb) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_value is null or p_value = 'null' then
    return '—';
  end if;

  if p_field ->> 'kind' = 'money' and jsonb_typeof(p_value) = 'number'
    and (p_value #>> '{}')::numeric % 1 = 0
  then
    return inbox_internal.money_text(
      (p_value #>> '{}')::numeric,
      coalesce(
        p_field ->> 'currency',
        inbox_internal.pointed(p_meta, p_field ->> 'currency_from') #>> '{}'));
  end if;

  return case jsonb_typeof(p_value)
    when 'string' then p_value #>> '{}'
    when 'boolean' then case when p_value = 'true' then 'yes' else 'no' end
    when 'number' then p_value #>> '{}'
    else jsonb_pretty(p_value)
  end;
end
$$;
