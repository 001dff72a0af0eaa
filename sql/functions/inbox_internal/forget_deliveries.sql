-- Deletes deliveries and attempts that are older than they are kept, failed ones
-- later than the others, some hundred at a time; and with them the content of
-- their webhooks. Events themselves are never deleted.
create or replace function inbox_internal.forget_deliveries() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_delivered_before timestamptz := now() - inbox_internal.kept_for('keep_delivered_days', 30);
  v_failed_before timestamptz := now() - inbox_internal.kept_for('keep_failed_days', 90);
  v_ids bigint[];
begin
  v_ids := array(
    select done.id from app.delivery done
    where done.outcome <> 'failed' and done.settled_at < v_delivered_before
    order by done.settled_at
    limit 300
    for update skip locked)
  || array(
    select failed.id from app.delivery failed
    where failed.outcome = 'failed' and failed.settled_at < v_failed_before
    order by failed.settled_at
    limit 300
    for update skip locked);

  if cardinality(v_ids) > 0 then
    delete from app.attempt attempt where attempt.delivery_id = any (v_ids);
    with forgotten as (
      delete from app.delivery delivery where delivery.id = any (v_ids) returning delivery.event_id
    )
    update app.event event set body = null from forgotten where event.id = forgotten.event_id;
  end if;

  -- What only the feed had.
  update app.event event set body = null
  where event.id = any (array(
    select uncalled.id from app.event uncalled
    where uncalled.body is not null and uncalled.endpoint_id is null and uncalled.at < v_failed_before
    order by uncalled.at
    limit 300));
end
$$;
