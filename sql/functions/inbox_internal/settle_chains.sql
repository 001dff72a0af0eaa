-- Lets the next event of each chain go once nothing earlier holds it back: an
-- owed row blocks its chain until it was answered three times in vain, so that
-- one poison event never blocks a task for days. A chain in which somebody's
-- open transaction is at work is left to the sweep of tick(): finishing a
-- delivery never waits for a person.
create or replace function inbox_internal.settle_chains(p_task_ids uuid[], p_endpoint_ids int[]) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task_ids uuid[];
  v_endpoint_ids int[];
begin
  select array_agg(chain.task_id), array_agg(chain.endpoint_id) into v_task_ids, v_endpoint_ids
  from (
    select distinct pair.task_id, pair.endpoint_id
    from unnest(p_task_ids, p_endpoint_ids) as pair (task_id, endpoint_id)
  ) chain
  where pg_try_advisory_xact_lock(inbox_internal.chain_key(chain.task_id, chain.endpoint_id));

  -- A statement of its own, so that it sees what was committed before the
  -- locks were ours.
  update app.outbox next set parked = false
  from unnest(v_task_ids, v_endpoint_ids) as chain (task_id, endpoint_id)
  where next.id = (
      select waiting.id from app.outbox waiting
      where waiting.task_id = chain.task_id and waiting.endpoint_id = chain.endpoint_id and waiting.parked
      order by waiting.sequence
      limit 1)
    and not exists (
      select from app.outbox blocker
      where blocker.task_id = chain.task_id
        and blocker.endpoint_id = chain.endpoint_id
        and not blocker.parked
        and blocker.failures < 3);
end
$$;
