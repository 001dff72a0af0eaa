-- A clock that was wrong for a while must not hold anything for years: no
-- delivery is due much later than the longest step of the schedule and the longest
-- hold from now, none is leased longer than two leases, and no endpoint is left
-- alone longer than is ever asked.
create or replace function inbox_internal.pull_back_deliveries() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_latest timestamptz := now() + interval '3 minutes' + coalesce((
    select setting.value::float8 from app.setting setting where setting.name = 'longest_retry'), 86400)
    * 1.2 * interval '1 second';
begin
  update app.outbox owed set due_at = now()
  from app.endpoint endpoint
  where owed.endpoint_id = endpoint.id and not owed.parked and owed.due_at > v_latest;

  update app.outbox owed set leased_until = now()
  where owed.worker_id is not null and owed.leased_until > now() + 2 * inbox_internal.lease();

  update app.endpoint endpoint set quiet_until = null where endpoint.quiet_until > now() + interval '1 hour' + 2 * (v_latest - now());
  update app.endpoint endpoint set open_until = now() where endpoint.open_until > v_latest;
end
$$;
