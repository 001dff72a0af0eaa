-- Whether check_verb would let an actor do this to a task now.
create or replace function inbox_internal.verb_allowed(p_task app.task, p_actor jsonb, p_verb text) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.check_right(p_actor, p_verb);
  perform inbox_internal.check_verb(p_task, p_actor, p_verb);
  return true;
exception
  when sqlstate 'PT401' or sqlstate 'PT403' or sqlstate 'PT409' then
    return false;
end
$$;
