-- An admin pauses an endpoint, or enables it again: then everything it is owed
-- goes out, the oldest first, and its notices are cleared.
create or replace function inbox_internal.change_endpoint(p_actor jsonb, p_id int, p_state text) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_endpoint app.endpoint := inbox_internal.endpoint_to_manage(p_actor, p_id);
begin
  case p_state
    when 'enabled' then
      perform inbox_internal.resume_endpoint(v_endpoint);
    when 'paused' then
      update app.endpoint endpoint set state = 'paused', state_reason = 'paused by ' || (p_actor ->> 'name')
      where endpoint.id = p_id and endpoint.state <> 'paused';
    else
      raise sqlstate 'PT422' using
        message = format('an endpoint can be enabled or paused, not "%s"', p_state),
        column = 'state',
        constraint = 'endpoint_state_known';
  end case;

  perform inbox_internal.note(
    p_actor, case p_state when 'paused' then 'endpoint_paused' else 'endpoint_enabled' end, v_endpoint.id::text,
    jsonb_build_object('schema', v_endpoint.schema_name, 'task_type', v_endpoint.task_type));
  return (select listed.endpoint_object from inbox_internal.endpoint_objects(p_actor, p_id) listed);
end
$$;
