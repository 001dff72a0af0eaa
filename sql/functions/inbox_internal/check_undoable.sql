-- Refuses to undo what another decided, what has been changed since, and what
-- the application has been told or is being told.
create or replace function inbox_internal.check_undoable(
  p_task app.task, p_held app.event, p_owed app.outbox, p_actor jsonb, p_expected_version int
) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Before anything is told: an application learns no more from this than "no".
  if p_actor ->> 'kind' <> 'person' and not inbox_internal.is_admin(p_actor) then
    raise sqlstate 'PT403' using
      message = 'only who decided, or an admin, can undo it',
      constraint = 'role_needed';
  end if;

  -- A post that was merged may have been changed by itself since.
  if p_expected_version <> p_task.version or p_task.merged_into is not null and p_held.held_until is null then
    raise sqlstate 'PT409' using
      message = format('%s has changed the task since', p_held.actor ->> 'name'),
      constraint = 'undo_superseded';
  end if;

  if not inbox_internal.may_undo(p_held, p_actor) then
    raise sqlstate 'PT403' using
      message = 'only who decided, or an admin, can undo it',
      constraint = 'role_needed';
  end if;

  -- The clock and not now(): the locks may have been waited for. And not in the
  -- last half second: readers take no lock, and must not see it told and then undone.
  if p_held.held_until is null
    or p_held.held_until <= clock_timestamp() + interval '0.5 seconds'
    or p_held.undone_at is not null
    or p_owed.claim_no > 0
    or p_owed.id is null and p_held.endpoint_id is not null
  then
    raise sqlstate 'PT409' using
      message = 'too late to undo: the application has been told, or there was nothing to hold back',
      constraint = 'undo_over';
  end if;
end
$$;
