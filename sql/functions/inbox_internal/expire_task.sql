-- Moves a task whose deadline has passed where its type says. A pending state
-- escalates it: then there is no deadline any more.
create or replace function inbox_internal.expire_task(p_task app.task, p_state text, p_rule jsonb) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_state app.task_state;
begin
  select state.* into v_state
  from app.task_state state where state.task_type_id = p_task.task_type_id and state.name = p_state;

  if not v_state.resolved then
    p_task.respond_by := null;
    p_task.respond_left := null;
    p_task.late_at := null;
  end if;

  perform inbox_internal.decided(
    p_task, p_state, case when v_state.resolved then 'expired' end, 'expired', 'task.expired', p_rule, 'expiry',
    case when v_state.form is not null then inbox_internal.form_filled(v_state.form, '{}') end, null, null);
end
$$;
