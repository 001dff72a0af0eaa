-- Refuses to change what is settled already (unless settled is fine) or is no longer
-- what the actor saw, in this order. Both say who did what.
create or replace function inbox_internal.check_current(
  p_task app.task, p_actor jsonb, p_settled_too boolean, p_expected_version int
) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_last jsonb;
  v_message text;
begin
  if (p_task.resolved_at is null or p_settled_too)
    and (p_expected_version is null or p_expected_version = p_task.version)
  then
    return;
  end if;

  if p_task.held_until > now() and p_actor ->> 'kind' <> 'person' then
    -- Who did what may still be undone; then the application never hears of it.
    v_last := jsonb_build_object(
      'task', inbox_internal.task_object(inbox_internal.told_task(p_task, p_actor)), 'held_until', p_task.held_until);
    v_message := format('a person is deciding this task; look again at %s',
      to_char(p_task.held_until at time zone 'UTC', 'HH24:MI:SS "UTC"'));
  else
    select jsonb_build_object(
      'task', inbox_internal.task_object(p_task), 'actor', event.actor, 'via', event.via, 'at', event.at,
      'held_until', case when p_task.held_until > now() then p_task.held_until end)
    into v_last
    from app.event event
    where event.task_id = p_task.id and event.sequence = p_task.version;
  end if;

  if p_task.resolved_at is not null and not p_settled_too then
    raise sqlstate 'PT409' using
      message = coalesce(v_message, case
        when p_task.resolution = 'withdrawn' then format('the task was withdrawn by %s', p_task.resolved_by ->> 'name')
        else format('the task is already settled as "%s" by %s', p_task.state, p_task.resolved_by ->> 'name')
      end),
      detail = v_last::text,
      constraint = 'task_open';
  end if;

  raise sqlstate 'PT412' using
    message = coalesce(v_message, format('the task is at version %s, not %s: %s changed it',
      p_task.version, p_expected_version, v_last #>> '{actor,name}')),
    detail = v_last::text,
    constraint = 'version_stale';
end
$$;
