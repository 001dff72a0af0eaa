-- Refuses a move its state does not allow from here, or without the comment it asks for.
create or replace function inbox_internal.check_move(p_task app.task, p_state text, p_comment text) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_state app.task_state;
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

  if v_state.comment = 'required' and p_comment is null then
    raise sqlstate 'PT422' using
      message = format('state "%s" needs a comment', p_state),
      column = 'comment',
      constraint = 'arguments';
  end if;

  if v_state.comment = 'none' and p_comment is not null then
    raise sqlstate 'PT422' using
      message = format('state "%s" takes no comment', p_state),
      column = 'comment',
      constraint = 'arguments';
  end if;

  if length(p_comment) > 10000 then
    raise sqlstate 'PT422' using
      message = 'a comment has at most 10,000 characters',
      column = 'comment',
      constraint = 'comment_length';
  end if;
end
$$;
