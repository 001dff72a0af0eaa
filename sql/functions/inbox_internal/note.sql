-- Writes into the audit log, in the transaction of what it tells of. Without an
-- actor it was the command line, or somebody at psql as the owner.
create or replace function inbox_internal.note(
  p_actor jsonb, p_action text, p_target text, p_detail jsonb default null, p_address text default null
) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_id bigint;
begin
  insert into app.audit as audit (actor, action, target, detail, address)
  values (
    coalesce(p_actor, jsonb_build_object('kind', 'sql', 'id', 'cli', 'name', 'command line')),
    p_action, p_target, p_detail, p_address::inet)
  returning audit.id into v_id;

  insert into app.audit_number (audit_id) values (v_id);
end
$$;
