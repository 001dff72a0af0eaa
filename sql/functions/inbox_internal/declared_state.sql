-- Whether a state of a task type is a resolved one; refuses a state the type
-- does not declare.
create or replace function inbox_internal.declared_state(p_task_type_id int, p_state text) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_resolved boolean;
begin
  select state.resolved into v_resolved
  from app.task_state state
  where state.task_type_id = p_task_type_id and state.name = p_state;

  if not found then
    raise sqlstate 'PT422' using
      message = format('state "%s" is not declared; the states are %s', p_state, (
        select string_agg(format('"%s"', state.name), ', ' order by state.position)
        from app.task_state state where state.task_type_id = p_task_type_id)),
      column = 'state',
      constraint = 'task_state_declared';
  end if;

  return v_resolved;
end
$$;
