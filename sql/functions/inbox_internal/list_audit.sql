-- The audit log, newest first.
create or replace function inbox_internal.list_audit(
  p_action text, p_since timestamptz, p_before_id bigint, p_limit int
) returns table (audit_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
begin
  return query
    select inbox_internal.audit_object(audit)
    from app.audit audit
    where (p_action is null or audit.action = p_action)
      and (p_since is null or audit.at >= p_since)
      and (p_before_id is null or audit.id < p_before_id)
    order by audit.id desc
    limit p_limit;
end
$$;
