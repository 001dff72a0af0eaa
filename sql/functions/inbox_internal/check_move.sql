-- Refuses a move its state does not allow from here, that leaves a required tick
-- undone, or whose arguments and comment are not what the state asks for. Gives
-- the arguments as they are kept: defaults filled in, nulls
-- dropped; null for a state that takes none.
create or replace function inbox_internal.check_move(
  p_task app.task, p_actor jsonb, p_state text, p_args jsonb, p_comment text
) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_state app.task_state;
  v_open text;
  v_errors jsonb;
begin
  select state.* into v_state
  from app.task_state state
  where state.task_type_id = p_task.task_type_id and state.name = p_state;

  if not inbox_internal.move_allowed(v_state, p_task.state) then
    raise sqlstate 'PT409' using
      message = format('state "%s" cannot be reached from %s', p_state,
        coalesce(format('"%s"', p_task.state), 'a new task')),
      constraint = 'state_from';
  end if;

  if v_state.resolved and p_actor ->> 'kind' in ('person', 'sql') then
    select string_agg(coalesce(item.value ->> 'label', item.value ->> 'name'), ', ') into v_open
    from jsonb_array_elements(p_task.checklist) item
    where (item.value ->> 'required')::boolean and item.value ->> 'done_at' is null;

    if v_open is not null then
      raise sqlstate 'PT409' using
        message = format('still to be ticked: %s', v_open),
        constraint = 'checklist_open';
    end if;
  end if;

  select coalesce(jsonb_agg(error.value || jsonb_build_object('pointer', '/args' || (error.value ->> 'pointer'))), '[]')
  into v_errors
  from jsonb_array_elements(inbox.form_errors(v_state.form, p_args)) error;

  if v_state.comment = 'required' and p_comment is null then
    v_errors := v_errors || jsonb_build_object(
      'pointer', '/comment', 'detail', format('state "%s" needs a comment', p_state));
  elsif v_state.comment = 'none' and p_comment is not null then
    v_errors := v_errors || jsonb_build_object(
      'pointer', '/comment', 'detail', format('state "%s" takes no comment', p_state));
  elsif v_state.form ? 'x-reasons' and p_args ->> 'reason' = 'other' and p_comment is null then
    v_errors := v_errors || jsonb_build_object(
      'pointer', '/comment', 'detail', 'the reason "other" needs a comment');
  end if;

  perform inbox_internal.check_comment(p_comment, 'comment');
  if v_errors <> '[]' then
    perform inbox_internal.refuse_arguments(v_errors);
  end if;

  return case when v_state.form is not null then inbox_internal.form_filled(v_state.form, p_args) end;
end
$$;
