-- Nothing of this endpoint has failed for good any more: operators need not look.
create or replace function inbox_internal.clear_failure_notice(p_endpoint_id int) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  update app.notice notice set cleared_at = now()
  where notice.endpoint_id = p_endpoint_id
    and notice.kind = 'delivery_failed'
    and notice.cleared_at is null
    and not exists (
      select from app.delivery failed where failed.outcome = 'failed' and failed.endpoint_id = p_endpoint_id);
end
$$;
