-- These did not arrive: each is due again after its step of the schedule, or
-- has failed for good after the last. What the answers say of their endpoint is
-- heeded first: the rows of one that was stopped are kept, however often they failed.
-- Returns as complete_deliveries, with when to look again.
-- The settings: see claim_deliveries; here no join may read the whole outbox either.
create or replace function inbox_internal.fail_deliveries(p_results jsonb, p_schedule float8[])
  returns table (id bigint, claim_no int, settled boolean, due_in float8)
  language plpgsql
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set enable_hashjoin = off
  set enable_mergejoin = off
  set jit = off
as $$
#variable_conflict use_column
declare
  v_ids bigint[];
  v_task_ids uuid[];
  v_endpoint_ids int[];
begin
  select array_agg(mine.id), array_agg(mine.task_id), array_agg(mine.endpoint_id)
  into v_ids, v_task_ids, v_endpoint_ids
  from inbox_internal.finish_claims(p_results) mine;

  perform inbox_internal.heed_failures(p_results, v_ids, p_schedule);

  update app.outbox owed set
    worker_id = null,
    leased_until = null,
    manual = false,
    failures = owed.failures + 1,
    due_at = now() + p_schedule[least(owed.failures + 1, cardinality(p_schedule))]
      * (0.8 + 0.4 * random()) * interval '1 second'
  where owed.id = any (v_ids);

  perform inbox_internal.give_up_deliveries(array(
    select owed.id from app.outbox owed
    join app.endpoint endpoint on endpoint.id = owed.endpoint_id
    where owed.id = any (v_ids)
      and owed.failures > cardinality(p_schedule)
      and endpoint.state in ('enabled', 'open')));
  perform inbox_internal.settle_chains(v_task_ids, v_endpoint_ids);

  return query
    select result.id, result.claim_no, result.id = any (coalesce(v_ids, '{}')), (
      -- A probe takes whichever is due, not only this one.
      select extract(epoch from greatest(
        case when endpoint.state = 'open' then endpoint.open_until else owed.due_at end, endpoint.quiet_until) - now())::float8
      from app.outbox owed
      join app.endpoint endpoint on endpoint.id = owed.endpoint_id
      where owed.id = result.id and not owed.parked and endpoint.state in ('enabled', 'open'))
    from jsonb_to_recordset(p_results) as result (id bigint, claim_no int)
    where result.id = any (v_ids)
      or not exists (
        select from app.outbox owed where owed.id = result.id and owed.claim_no = result.claim_no);
end
$$;
