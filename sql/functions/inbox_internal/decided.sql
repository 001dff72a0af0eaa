-- Moves a task and the posts merged into it, and tells of it.
create or replace function inbox_internal.decided(
  p_task app.task, p_state text, p_resolution text, p_kind text, p_type text, p_actor jsonb, p_via text, p_args jsonb,
  p_comment text, p_hold interval
) returns app.verb_result
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task := inbox_internal.moved(p_task, p_state, p_actor, p_resolution);
  v_result app.verb_result := inbox_internal.write_task(
    v_task, p_kind, p_type, p_actor, p_via, true, p_args, p_comment, p_hold);
begin
  v_result.owed := inbox_internal.with_members(
    v_task, p_kind, p_type, p_actor, p_via, p_args, p_comment, p_hold) or v_result.owed;
  return v_result;
end
$$;
