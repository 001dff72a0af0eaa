-- The rows of a worker's results that it may finish now: those it still has the
-- newest claim on and nobody is working on. What is locked stays for the
-- worker's next try, so finishing never waits. Each try is written down.
create or replace function inbox_internal.finish_claims(p_results jsonb) returns setof app.outbox
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids bigint[];
begin
  select array_agg(mine.id) into v_ids
  from (
    select owed.id
    from jsonb_to_recordset(p_results) as result (id bigint, claim_no int)
    join app.outbox owed on owed.id = result.id and owed.claim_no = result.claim_no
    for update of owed skip locked
  ) mine;

  insert into app.attempt (
    delivery_id, claim_no, started_at, milliseconds, status, error_class, error, remote_address, response, trigger)
  select result.id, result.claim_no, result.started_at, result.milliseconds, result.status, result.error_class,
    result.error, result.remote_address, result.response, case when owed.manual then 'manual' else 'auto' end
  from jsonb_to_recordset(p_results) as result (
    id bigint, claim_no int, started_at timestamptz, milliseconds int, status int, error_class text, error text,
    remote_address text, response text)
  join app.outbox owed on owed.id = result.id
  where result.id = any (v_ids)
  on conflict (delivery_id, claim_no) do nothing;

  return query select owed.* from app.outbox owed where owed.id = any (v_ids);
end
$$;
