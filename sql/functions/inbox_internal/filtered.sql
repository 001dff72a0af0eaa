-- Whether a task is among those a person narrowed their list to. What an index
-- can find is asked by the pages themselves.
create or replace function inbox_internal.filtered(p_task app.task, p_filter jsonb, p_actor jsonb) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return p_filter = '{}'
    or (p_filter ->> 'state' is null or coalesce(p_task.state, '') = p_filter ->> 'state')
    and (p_filter ->> 'late' is null
      or coalesce(p_task.respond_by < coalesce(p_task.resolved_at, now()), false))
    and case p_filter ->> 'assignee'
      when 'me' then coalesce(p_task.assignee = p_actor ->> 'name', false)
      when 'nobody' then p_task.assignee is null
      else coalesce(p_task.assignee = p_filter ->> 'assignee', p_filter ->> 'assignee' is null)
    end;
end
$$;
