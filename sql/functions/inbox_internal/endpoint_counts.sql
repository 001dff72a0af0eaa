-- What every endpoint is owed and what failed, in one look at each table. What a
-- person can still undo is not owed yet: it was never claimed and lies ahead.
create or replace function inbox_internal.endpoint_counts()
  returns table (endpoint_id int, owed bigint, oldest_owed timestamptz, failed bigint)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select endpoint.id, coalesce(owed.count, 0), owed.oldest, coalesce(failed.count, 0)
  from app.endpoint endpoint
  left join (
    select waiting.endpoint_id, count(*) as count, min(waiting.created_at) as oldest
    from app.outbox waiting
    where waiting.claim_no > 0 or waiting.due_at <= now()
    group by waiting.endpoint_id
  ) owed on owed.endpoint_id = endpoint.id
  left join (
    select lost.endpoint_id, count(*) as count
    from app.delivery lost where lost.outcome = 'failed'
    group by lost.endpoint_id
  ) failed on failed.endpoint_id = endpoint.id
$$;
