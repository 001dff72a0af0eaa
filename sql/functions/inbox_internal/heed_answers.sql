-- What an answer says of its whole endpoint, not only of one delivery: 410 that
-- it is gone, 429 and 503 with Retry-After that it wants quiet (RFC 9110).
create or replace function inbox_internal.heed_answers(p_results jsonb, p_ids bigint[], p_schedule float8[])
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.disable_endpoint(gone.endpoint_id, 'the receiver answered 410 Gone')
  from (
    select distinct owed.endpoint_id
    from jsonb_to_recordset(p_results) as result (id bigint, status int)
    join app.outbox owed on owed.id = result.id
    where result.id = any (p_ids) and result.status = 410
  ) gone;

  -- At least the step that is due anyhow, at most twice that or an hour.
  update app.endpoint endpoint set quiet_until = greatest(endpoint.quiet_until, now() + asked.seconds * interval '1 second')
  from (
    select owed.endpoint_id,
      max(least(greatest(result.retry_after, step.seconds), greatest(2 * step.seconds, 3600))) as seconds
    from jsonb_to_recordset(p_results) as result (id bigint, status int, retry_after float8)
    join app.outbox owed on owed.id = result.id
    cross join lateral (
      select p_schedule[least(owed.failures + 1, cardinality(p_schedule))] as seconds
    ) step
    where result.id = any (p_ids) and result.status in (429, 503) and result.retry_after is not null
    group by owed.endpoint_id
  ) asked
  where endpoint.id = asked.endpoint_id;
end
$$;
