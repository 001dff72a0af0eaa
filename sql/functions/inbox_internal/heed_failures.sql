-- Counts failed attempts against their endpoints. Five in a row, of any
-- deliveries, open the breaker: then one delivery at a time is sent as a probe,
-- after the second step of the schedule, then twice as long, at most its fourth.
-- Nothing accepted for five days and at least ten attempts: the endpoint is
-- disabled, and its deliveries are kept until somebody enables it.
create or replace function inbox_internal.heed_failures(p_results jsonb, p_ids bigint[], p_schedule float8[]) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_first float8 := p_schedule[least(2, cardinality(p_schedule))];
  v_most float8 := greatest(v_first, p_schedule[least(4, cardinality(p_schedule))]);
  v_failed record;
  v_endpoint app.endpoint;
begin
  for v_failed in
    select owed.endpoint_id, count(*)::int as attempts,
      -- Claims last 60 seconds from the moment they are made.
      max(owed.leased_until) - interval '60 seconds' as claimed_at
    from app.outbox owed
    where owed.id = any (p_ids)
    group by owed.endpoint_id
    order by owed.endpoint_id
  loop
    select endpoint.* into v_endpoint
    from app.endpoint endpoint where endpoint.id = v_failed.endpoint_id for update skip locked;
    continue when not found or v_endpoint.state in ('paused', 'disabled');

    v_endpoint.failures := v_endpoint.failures + v_failed.attempts;
    v_endpoint.failing_since := coalesce(v_endpoint.failing_since, now());

    if v_endpoint.state = 'enabled' and v_endpoint.failures >= 5
      -- What was claimed before it opened is no probe.
      or v_endpoint.state = 'open' and v_failed.claimed_at >= v_endpoint.opened_at
    then
      v_endpoint.state := 'open';
      v_endpoint.opened_at := now();
      v_endpoint.open_until := now() + least(v_most, v_first * 2 ^ least(v_endpoint.opened, 30))
        * (0.8 + 0.4 * random()) * interval '1 second';
      v_endpoint.opened := v_endpoint.opened + 1;
    end if;

    update app.endpoint endpoint set
      failures = v_endpoint.failures,
      failing_since = v_endpoint.failing_since,
      state = v_endpoint.state,
      opened = v_endpoint.opened,
      opened_at = v_endpoint.opened_at,
      open_until = v_endpoint.open_until
    where endpoint.id = v_endpoint.id;

    if v_endpoint.failures >= 10 and v_endpoint.failing_since < now() - interval '5 days' then
      perform inbox_internal.disable_endpoint(v_endpoint.id, 'nothing was accepted for five days');
    end if;
  end loop;
end
$$;
