-- Leases due deliveries to one worker and gives what it needs to send them. What its
-- sealing keys cannot sign is left to the others.
-- Deliveries that have taken two workers with them are claimed one at a time, by
-- a worker that has nothing else under way: so the one that kills workers is found
-- out, and the others that died with it are not blamed. One that has waited for
-- that for half a minute makes its worker finish what it has first.
create or replace function inbox_internal.claim_deliveries(p_worker_id int, p_limit int, p_key_ids bytea[])
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
  v_probed int[] := inbox_internal.take_probes(p_key_ids);
  v_ids bigint[] := '{}';
begin
  if exists (select from app.outbox suspect where suspect.lost >= 2) then
    if exists (select from app.outbox held where held.worker_id = p_worker_id) then
      if exists (
        select from app.outbox suspect
        where suspect.lost >= 2
          and (suspect.worker_id = p_worker_id
            or suspect.worker_id is null and not suspect.parked and suspect.due_at < now() - interval '30 seconds')
      ) then
        return;
      end if;
    else
      v_ids := inbox_internal.lease_deliveries(p_worker_id, 1, p_key_ids, v_probed, true);
    end if;
  end if;

  if cardinality(v_ids) = 0 then
    v_ids := inbox_internal.lease_deliveries(p_worker_id, p_limit, p_key_ids, v_probed, false);
  end if;
  perform inbox_internal.give_back_probes(v_probed, v_ids);

  return query
    select claimed.id, claimed.claim_no, 'evt_' || replace(event.id::text, '-', ''), event.body, endpoint.url,
      endpoint.id, endpoint.hook_header, secret.ids, secret.kinds, secret.sealed
    from app.outbox claimed
    join app.event event on event.id = claimed.event_id
    join app.endpoint endpoint on endpoint.id = claimed.endpoint_id
    cross join lateral inbox_internal.live_secrets(endpoint.schema_name) secret
    where claimed.id = any (v_ids);
end
$$;
