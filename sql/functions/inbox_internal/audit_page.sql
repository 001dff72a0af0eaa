-- Everything the page of the audit log shows, for admins of all schemas.
create or replace function inbox_internal.audit_page(p_actor jsonb, p_action text, p_before_id bigint, p_limit int)
  returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.check_right(p_actor, 'admin');
  perform inbox_internal.check_all_schemas(p_actor);

  return inbox_internal.page_shell(p_actor) || jsonb_build_object(
    'entries', (
      select coalesce(jsonb_agg(listed.audit_object), '[]')
      from inbox_internal.list_audit(p_action, null, p_before_id, p_limit + 1) listed));
end
$$;
