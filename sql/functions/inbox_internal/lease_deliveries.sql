-- Leases due deliveries: in turn from every endpoint, and no more per endpoint
-- than it has room for, so that one slow receiver never takes all the slots. An
-- endpoint whose breaker is open gives one, as a probe. Either the suspects, which
-- have taken two workers with them, or the others.
-- `= any (array(..))` and not a join: a LIMIT the planner cannot see made it
-- read the whole table (223 ms instead of 0.12 ms at 200,000 rows). The plan is
-- made once a session, maybe while the table is empty: so that it is good at any
-- size, sequential scans are off, and with them JIT, which their penalty would
-- set off. Planning every claim anew took 0.8 of its 0.9 ms.
create or replace function inbox_internal.lease_deliveries(
  p_worker_id int, p_limit int, p_key_ids bytea[], p_probed int[], p_suspects boolean
) returns bigint[]
  language plpgsql
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_ids bigint[];
begin
  with busy as materialized (
    select working.endpoint_id, count(*)::int as deliveries
    from app.outbox working
    where working.worker_id is not null and working.leased_until > now()
    group by working.endpoint_id
  ), claimed as (
    update app.outbox owed set
      worker_id = p_worker_id,
      leased_until = now() + inbox_internal.lease(),
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
            and (due.lost >= 2) = p_suspects
          order by due.due_at, due.id
          limit least(p_limit, greatest(0,
            case when endpoint.state = 'open' then 1 else endpoint.room end - coalesce(busy.deliveries, 0)))
          for update skip locked
        ) candidate
        where (endpoint.state = 'enabled' or endpoint.state = 'open' and endpoint.id = any (p_probed))
          and (endpoint.quiet_until is null or endpoint.quiet_until <= now())
          and inbox_internal.sendable(endpoint, p_key_ids)
      ) turn
      order by turn.turn, turn.due_at
      limit p_limit))
    returning owed.id
  )
  select array_agg(claimed.id) into v_ids from claimed;

  return coalesce(v_ids, '{}');
end
$$;
