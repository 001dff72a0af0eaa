-- A value as a fact of this kind has it, which nobody takes for a real one.
create or replace function inbox_internal.example_fact(p_kind text) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_kind
    when 'number' then '1.5'
    when 'integer' then '1'
    when 'money' then '1'
    when 'checkbox' then 'true'
    when 'date' then '"2000-01-01"'
    when 'datetime' then '"2000-01-01T00:00:00Z"'
    when 'url' then '"https://example.com/"'
    when 'email' then '"example@example.com"'
    when 'json' then '{}'
    else '"example"'
  end::jsonb;
end
$$;
