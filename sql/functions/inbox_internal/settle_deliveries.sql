-- Moves deliveries from the outbox to the settled ones, under the same id, and
-- lets the next of their tasks go.
create or replace function inbox_internal.settle_deliveries(p_ids bigint[], p_outcome text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task_ids uuid[];
  v_endpoint_ids int[];
begin
  with settled as (
    delete from app.outbox owed where owed.id = any (p_ids)
    returning owed.*
  ), kept as (
    insert into app.delivery (
      id, event_id, endpoint_id, task_id, sequence, created_at, outcome, failures, lost, claim_no, revived)
    select settled.id, settled.event_id, settled.endpoint_id, settled.task_id, settled.sequence, settled.created_at,
      p_outcome, settled.failures, settled.lost, settled.claim_no, settled.revived
    from settled
    returning task_id, endpoint_id
  )
  select array_agg(kept.task_id), array_agg(kept.endpoint_id) into v_task_ids, v_endpoint_ids from kept;

  perform inbox_internal.settle_chains(v_task_ids, v_endpoint_ids);
end
$$;
