-- These arrived. Returns the ids that are done with: settled, or claimed anew by
-- somebody else meanwhile; the worker tries the rest again.
-- The settings: see claim_deliveries; here no join may read the whole outbox either.
create or replace function inbox_internal.complete_deliveries(p_results jsonb) returns table (id bigint, claim_no int, settled boolean)
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
  v_endpoint_ids int[];
begin
  select array_agg(mine.id), array_agg(distinct mine.endpoint_id) into v_ids, v_endpoint_ids
  from inbox_internal.finish_claims(p_results) mine;

  perform inbox_internal.settle_deliveries(v_ids, 'delivered');
  perform inbox_internal.heed_successes(v_endpoint_ids);

  return query
    select result.id, result.claim_no, result.id = any (coalesce(v_ids, '{}'))
    from jsonb_to_recordset(p_results) as result (id bigint, claim_no int)
    where result.id = any (v_ids)
      or not exists (
        select from app.outbox owed where owed.id = result.id and owed.claim_no = result.claim_no);
end
$$;
