-- Whether a task in state p_from may go to this state: the one rule that both
-- decides and tells which buttons to show.
create or replace function inbox_internal.move_allowed(p_state app.task_state, p_from text) returns boolean
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return p_state.name is distinct from p_from
    -- array_position also finds null, which is "new"
    and (p_state.only_from is null or array_position(p_state.only_from, p_from) is not null);
end
$$;
