-- Refuses a schema with an urgency rule that is no SQL/JSON path: only PostgreSQL
-- knows its own dialect.
create or replace function inbox_internal.check_urgency_rules(p_definition jsonb) returns void
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule record;
  v_parsed jsonpath;
begin
  for v_rule in
    select type.value ->> 'name' as ttype, rule.value ->> 'when' as path
    from jsonb_array_elements(p_definition -> 'task_types') type
    cross join lateral jsonb_array_elements(coalesce(type.value -> 'urgency_rules', '[]')) rule
  loop
    begin
      v_parsed := v_rule.path::jsonpath;
    exception
      when others then
        raise sqlstate 'PT422' using
          message = format('urgency rule "%s" of task type "%s" is no SQL/JSON path: %s', v_rule.path, v_rule.ttype, sqlerrm),
          constraint = 'urgency_rule';
    end;
  end loop;
end
$$;
