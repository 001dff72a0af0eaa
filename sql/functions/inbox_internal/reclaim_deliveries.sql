-- Frees the leases of workers that are gone: whose lock on their number is
-- free, or whose lease ran out. The lost try is written down; a row that has
-- lost ten workers is given up, so that none can kill them for ever. Who is gone
-- opens no secret any more.
create or replace function inbox_internal.reclaim_deliveries(p_worker_id int) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids bigint[];
begin
  with gone as materialized (
    select worker.worker_id
    from (select distinct owed.worker_id from app.outbox owed where owed.worker_id is not null) worker
    -- The caller's own lock would be granted to it again.
    where worker.worker_id is distinct from p_worker_id
      and pg_try_advisory_xact_lock(inbox_internal.worker_lock(), worker.worker_id)
  ), freed as (
    update app.outbox owed set
      worker_id = null,
      leased_until = null,
      lost = owed.lost + 1,
      due_at = now()
    where owed.id = any (array(
      select held.id from app.outbox held
      where held.worker_id is not null
        and (held.worker_id in (select gone.worker_id from gone) or held.leased_until < now())
      for update skip locked))
    returning owed.*
  ), noted as (
    insert into app.attempt (delivery_id, claim_no, started_at, error_class, error)
    select freed.id, freed.claim_no, now(), 'worker_lost', 'the worker ended before it had an answer' from freed
    on conflict (delivery_id, claim_no) do nothing
  )
  select array_agg(freed.id) filter (where freed.lost >= 10) into v_ids from freed;

  perform inbox_internal.give_up_deliveries(v_ids);

  delete from app.worker worker
  where worker.id is distinct from p_worker_id
    and pg_try_advisory_xact_lock(inbox_internal.worker_lock(), worker.id);
end
$$;
