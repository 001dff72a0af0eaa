-- Gives back what was claimed and never begun: no attempt is counted.
create or replace function inbox_internal.release_deliveries(p_ids bigint[], p_claim_nos int[]) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  update app.outbox owed set worker_id = null, leased_until = null
  from unnest(p_ids, p_claim_nos) as given (id, claim_no)
  where owed.id = given.id and owed.claim_no = given.claim_no
$$;
