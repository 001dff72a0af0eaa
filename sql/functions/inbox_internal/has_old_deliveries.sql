-- Whether forget_deliveries has something to do.
create or replace function inbox_internal.has_old_deliveries() returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_failed_before timestamptz := now() - inbox_internal.kept_for('keep_failed_days', 90);
begin
  return exists (
      select from app.delivery done
      where done.outcome <> 'failed' and done.settled_at < now() - inbox_internal.kept_for('keep_delivered_days', 30))
    or exists (select from app.delivery failed where failed.outcome = 'failed' and failed.settled_at < v_failed_before)
    or exists (
      select from app.event uncalled
      where uncalled.body is not null and uncalled.endpoint_id is null and uncalled.at < v_failed_before);
end
$$;
