-- Setting the state a task already has changes nothing. But a program that says
-- the same as a person who could still undo it is heard: the window ends.
create or replace function inbox_internal.decided_again(p_task app.task, p_actor jsonb) returns app.verb_result
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_told boolean := coalesce(p_task.held_until > now(), false) and p_actor ->> 'kind' <> 'person';
  v_result app.verb_result;
begin
  if v_told then
    perform inbox_internal.tell_now(p_task);
    p_task.held_until := null;
    perform inbox_internal.store_task(p_task);
  end if;

  v_result := inbox_internal.unchanged(p_task, p_actor);
  v_result.owed := v_told;
  return v_result;
end
$$;
