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

  -- A statement of its own, so that it sees what others numbered meanwhile.
  update app.audit_number numbered set number = next.number
  from (
    select fresh.audit_id, nextval('app.audit_place') as number
    from (
      select unnumbered.audit_id from app.audit_number unnumbered
      where unnumbered.number is null
      order by unnumbered.audit_id
      limit 5000
    ) fresh
  ) next
  where numbered.audit_id = next.audit_id;
end
$$;
