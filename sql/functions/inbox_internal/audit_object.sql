-- One row of the audit log, as pages, commands and the API show it.
create or replace function inbox_internal.audit_object(p_audit app.audit) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
begin
  return jsonb_build_object(
    'id', p_audit.id, 'at', p_audit.at, 'actor', p_audit.actor, 'action', p_audit.action, 'target', p_audit.target,
    'detail', p_audit.detail, 'address', host(p_audit.address));
end
$$;
