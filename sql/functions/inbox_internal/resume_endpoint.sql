-- Its receiver is back: everything it is owed is due now, the oldest first, and
-- what failed for good since its last success is owed again, once. It gets one
-- at first, twice as many with every success.
create or replace function inbox_internal.resume_endpoint(p_endpoint app.endpoint) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  update app.endpoint endpoint set
    state = 'enabled',
    state_reason = null,
    blocked = null,
    quiet_until = null,
    failures = 0,
    failing_since = null,
    failed_at = null,
    opened = 0,
    opened_at = null,
    open_until = null,
    room = 1
  where endpoint.id = p_endpoint.id;

  update app.notice notice set cleared_at = now()
  where notice.endpoint_id = p_endpoint.id and notice.cleared_at is null;

  -- What was never tried is due since it was made, or held. A row that somebody
  -- holds keeps its time: this is called by workers, which wait for nobody.
  update app.outbox owed set due_at = owed.created_at
  where owed.id = any (array(
    select failing.id from app.outbox failing
    where failing.endpoint_id = p_endpoint.id and failing.worker_id is null and (failing.failures > 0 or failing.lost > 0)
    for update skip locked));

  -- Some hundred at a time, as every replay.
  if p_endpoint.failing_since is not null then
    insert into app.replay (asked_by, outcome, schema_names, endpoint_id, failed_since)
    values (
      '{"kind": "rule", "id": "resume", "name": "the receiver is back"}', 'failed', array[p_endpoint.schema_name],
      p_endpoint.id, p_endpoint.failing_since);
  end if;

  perform inbox_internal.wake('task_inbox_deliveries');
end
$$;
