-- Gives the next numbers of the audit log, to what is committed. The lock is held
-- until commit: no later number is seen before an earlier one.
create or replace function inbox_internal.number_audit() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from app.audit_number fresh where fresh.number is null) then
    return;
  end if;

  perform pg_advisory_xact_lock(inbox_internal.worker_lock(), -1);

  -- A statement of its own, so that it sees what others numbered meanwhile. Which
  -- number it is says the table's trigger, app.give_audit_number.
  update app.audit_number numbered set number = 0
  where numbered.audit_id = any (array(
    select fresh.audit_id from app.audit_number fresh
    where fresh.number is null
    order by fresh.audit_id
    limit 5000));
end
$$;
