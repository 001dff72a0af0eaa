-- What failed attempts say of their endpoints. Five in a row, of any deliveries,
-- open the breaker: then one delivery at a time is sent as a probe, after the second
-- step of the schedule, then twice as long, at most its fourth. 410 disables the
-- endpoint, and so do five days in which nothing was accepted; 429 and 503 with
-- Retry-After quiet it (RFC 9110). An endpoint that somebody holds is left for
-- the next failure: finishing never waits.
create or replace function inbox_internal.heed_failures(p_results jsonb, p_ids bigint[], p_schedule float8[]) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_failed record;
  v_endpoint app.endpoint;
begin
  for v_failed in
    select owed.endpoint_id, count(*)::int as attempts,
      max(owed.leased_until) - inbox_internal.lease() as claimed_at,
      bool_or(result.status = 410) as gone,
      -- At least the step that is due anyhow, at most twice that or an hour.
      max(least(greatest(result.retry_after, step.seconds), greatest(2 * step.seconds, 3600)))
        filter (where result.status in (429, 503) and result.retry_after is not null) as quiet_seconds
    from jsonb_to_recordset(p_results) as result (id bigint, status int, retry_after float8)
    join app.outbox owed on owed.id = result.id
    cross join lateral (
      select p_schedule[least(owed.failures + 1, cardinality(p_schedule))] as seconds
    ) step
    where result.id = any (p_ids)
    group by owed.endpoint_id
    order by owed.endpoint_id
  loop
    select endpoint.* into v_endpoint
    from app.endpoint endpoint where endpoint.id = v_failed.endpoint_id for update skip locked;
    continue when not found or v_endpoint.state in ('paused', 'disabled');

    v_endpoint.failures := v_endpoint.failures + v_failed.attempts;
    -- Two quiet days are no outage: nothing was sent.
    v_endpoint.failing_since := case
      when v_endpoint.failed_at > now() - interval '2 days' then v_endpoint.failing_since
      else now()
    end;
    v_endpoint.failed_at := now();
    v_endpoint.quiet_until := greatest(v_endpoint.quiet_until, now() + v_failed.quiet_seconds * interval '1 second');

    if v_endpoint.state = 'enabled' and v_endpoint.failures >= 5
      -- What was claimed before it opened is no probe.
      or v_endpoint.state = 'open' and v_failed.claimed_at >= v_endpoint.opened_at
    then
      v_endpoint := inbox_internal.open_breaker(v_endpoint, p_schedule);
    end if;

    update app.endpoint endpoint set
      failures = v_endpoint.failures,
      failing_since = v_endpoint.failing_since,
      failed_at = v_endpoint.failed_at,
      quiet_until = v_endpoint.quiet_until,
      state = v_endpoint.state,
      opened = v_endpoint.opened,
      opened_at = v_endpoint.opened_at,
      open_until = v_endpoint.open_until
    where endpoint.id = v_endpoint.id;

    if v_failed.gone then
      perform inbox_internal.disable_endpoint(v_endpoint.id, 'the receiver answered 410 Gone');
    elsif v_endpoint.failures >= 10 and v_endpoint.failing_since < now() - interval '5 days' then
      perform inbox_internal.disable_endpoint(v_endpoint.id, 'nothing was accepted for five days');
    end if;
  end loop;
end
$$;
