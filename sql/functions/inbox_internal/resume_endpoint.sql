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
    opened = 0,
    opened_at = null,
    open_until = null,
    room = 1
  where endpoint.id = p_endpoint.id;

  update app.notice notice set cleared_at = now()
  where notice.endpoint_id = p_endpoint.id and notice.cleared_at is null;

  -- What was never tried is due since it was made, or held.
  update app.outbox owed set due_at = owed.created_at
  where owed.endpoint_id = p_endpoint.id and owed.worker_id is null and (owed.failures > 0 or owed.lost > 0);

  perform inbox_internal.owe_again(array(
    select failed.id from app.delivery failed
    where failed.outcome = 'failed'
      and failed.endpoint_id = p_endpoint.id
      and failed.settled_at >= p_endpoint.failing_since
      and not failed.revived
    order by failed.id
    limit 1000), false, true);

  perform inbox_internal.wake('task_inbox_deliveries');
end
$$;
