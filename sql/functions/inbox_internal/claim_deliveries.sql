-- Leases due deliveries to one worker: in turn from every endpoint, and no more
-- per endpoint than it has room for, so that one slow receiver never takes all
-- the slots. An endpoint whose breaker is open gives one, as a probe.
-- `= any (array(..))` and not a join: a LIMIT the planner cannot see made it
-- read the whole table (223 ms instead of 0.12 ms at 200,000 rows). The plan is
-- made once a session, maybe while the table is empty: so that it is good at any
-- size, sequential scans are off, and with them JIT, which their penalty would
-- set off. Planning every claim anew took 0.8 of its 0.9 ms.
create or replace function inbox_internal.claim_deliveries(p_worker_id int, p_limit int)
  returns table (
    id bigint, claim_no int, webhook_id text, body text, url text, endpoint_id int, hook_header text,
    secret_ids uuid[], secret_kinds text[], secrets bytea[])
  language plpgsql
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
#variable_conflict use_column
declare
  v_probed int[] := inbox_internal.take_probes();
  v_alone boolean := inbox_internal.claims_alone(p_worker_id, v_probed);
  v_limit int := case when v_alone then 1 when v_alone is null then 0 else p_limit end;
begin
  return query
    with busy as materialized (
      select working.endpoint_id, count(*)::int as deliveries
      from app.outbox working
      where working.worker_id is not null and working.leased_until > now()
      group by working.endpoint_id
    ), claimed as (
      update app.outbox owed set
        worker_id = p_worker_id,
        leased_until = now() + interval '60 seconds',
        claim_no = owed.claim_no + 1
      where owed.id = any (array(
        select turn.id
        from (
          select candidate.id, candidate.due_at,
            row_number() over (partition by endpoint.id order by candidate.due_at, candidate.id) as turn
          from app.endpoint endpoint
          left join busy on busy.endpoint_id = endpoint.id
          cross join lateral (
            select due.id, due.due_at
            from app.outbox due
            where due.endpoint_id = endpoint.id
              and not due.parked
              and due.due_at <= now()
              and (due.leased_until is null or due.leased_until < now())
              and (due.lost >= 2) = v_alone
            order by due.due_at, due.id
            limit least(v_limit, greatest(0,
              case when endpoint.state = 'open' then 1 else endpoint.room end - coalesce(busy.deliveries, 0)))
            for update skip locked
          ) candidate
          where (endpoint.state = 'enabled' or endpoint.state = 'open' and endpoint.id = any (v_probed))
            and endpoint.url is not null
            and endpoint.blocked is null
            and (endpoint.quiet_until is null or endpoint.quiet_until <= now())
            and exists (
              select from app.webhook_secret secret
              where secret.schema_name = endpoint.schema_name and secret.kind = 'signing')
        ) turn
        order by turn.turn, turn.due_at
        limit v_limit))
      returning owed.id, owed.claim_no, owed.event_id, owed.endpoint_id
    )
    select claimed.id, claimed.claim_no, 'evt_' || replace(event.id::text, '-', ''), event.body, endpoint.url,
      endpoint.id, endpoint.hook_header, secret.ids, secret.kinds, secret.sealed
    from claimed
    join app.event event on event.id = claimed.event_id
    join app.endpoint endpoint on endpoint.id = claimed.endpoint_id
    cross join lateral inbox_internal.live_secrets(endpoint.schema_name) secret;
end
$$;
