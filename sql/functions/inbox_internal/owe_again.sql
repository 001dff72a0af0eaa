-- Moves settled deliveries back into the outbox under their old ids, parked
-- while an earlier event of their task is on its way. What was undone, and what
-- has lost its body, stays; so does a chain in which somebody else is at work.
-- Returns the ids that are owed again.
create or replace function inbox_internal.owe_again(p_ids bigint[], p_manual boolean, p_revived boolean) returns bigint[]
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_free bigint[];
  v_ids bigint[];
begin
  select array_agg(settled.id) into v_free
  from (
    select delivery.id, delivery.task_id, delivery.endpoint_id
    from app.delivery delivery
    join app.event event on event.id = delivery.event_id
    where delivery.id = any (p_ids) and delivery.outcome <> 'void' and event.body is not null
    for update of delivery skip locked
  ) settled
  where pg_try_advisory_xact_lock(inbox_internal.chain_key(settled.task_id, settled.endpoint_id));

  with taken as (
    delete from app.delivery delivery where delivery.id = any (v_free)
    returning delivery.*
  ), owed as (
    insert into app.outbox (
      id, event_id, endpoint_id, task_id, sequence, created_at, due_at, claim_no, manual, revived, parked)
    overriding system value
    select taken.id, taken.event_id, taken.endpoint_id, taken.task_id, taken.sequence, taken.created_at,
      -- What comes back by itself takes its old place.
      case when p_revived then taken.created_at else now() end, taken.claim_no, p_manual, taken.revived or p_revived,
      exists (
        select from app.outbox earlier
        where earlier.task_id = taken.task_id
          and earlier.endpoint_id = taken.endpoint_id
          and earlier.sequence < taken.sequence
          and earlier.failures < 3)
      or exists (
        select from taken sooner
        where sooner.task_id = taken.task_id
          and sooner.endpoint_id = taken.endpoint_id
          and sooner.sequence < taken.sequence)
    from taken
    returning id
  )
  select array_agg(owed.id) into v_ids from owed;

  perform inbox_internal.wake('task_inbox_deliveries');
  return coalesce(v_ids, '{}');
end
$$;
