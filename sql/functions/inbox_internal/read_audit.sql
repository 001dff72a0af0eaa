-- The audit log after a place in it, for who reads it on and on: nothing appears
-- later behind a number that was read.
create or replace function inbox_internal.read_audit(p_actor jsonb, p_after bigint, p_limit int)
  returns table (audit_object jsonb)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.check_right(p_actor, 'admin');
  perform inbox_internal.check_all_schemas(p_actor);
  perform inbox_internal.number_audit();

  return query
    select jsonb_build_object('seq', numbered.number) || inbox_internal.audit_object(audit)
    from app.audit_number numbered
    join app.audit audit on audit.id = numbered.audit_id
    where numbered.number > p_after
    order by numbered.number
    limit p_limit;
end
$$;
