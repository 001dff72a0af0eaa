-- Sends nothing more to an endpoint until somebody enables it; what it is owed
-- is kept. Operators hear of it.
create or replace function inbox_internal.disable_endpoint(p_endpoint_id int, p_reason text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_schema_name text;
begin
  update app.endpoint endpoint set state = 'disabled', state_reason = p_reason
  where endpoint.id = p_endpoint_id and endpoint.state <> 'disabled'
  returning endpoint.schema_name into v_schema_name;

  if found then
    perform inbox_internal.note(
      jsonb_build_object('kind', 'rule', 'id', 'breaker', 'name', 'breaker'), 'endpoint_disabled', p_endpoint_id::text,
      jsonb_build_object('schema', v_schema_name, 'reason', p_reason));
    perform inbox_internal.raise_notice(p_endpoint_id, 'endpoint_disabled', format(
      'Webhooks of %s are stopped: %s. They are kept until it is enabled again.', v_schema_name, p_reason));
  end if;
end
$$;
