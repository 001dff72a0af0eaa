-- Asks for many settled deliveries to be sent again: all that failed, or all
-- that were delivered, of a time, a schema, an endpoint. Workers move them some
-- hundred at a time, so the answer comes at once and traffic goes on; for the
-- same reason no more than 10,000 are counted.
create or replace function inbox_internal.replay_deliveries(
  p_actor jsonb, p_state text, p_schema_name text, p_endpoint_id int, p_since timestamptz, p_until timestamptz
) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_schemas text[] := inbox_internal.schemas_seen(p_actor);
  v_replay app.replay;
begin
  perform inbox_internal.check_right(p_actor, 'resend');

  if not p_state in ('failed', 'delivered') then
    raise sqlstate 'PT422' using
      message = format('only deliveries that have failed or were delivered can be sent again, not "%s"', p_state),
      column = 'state',
      constraint = 'replay_outcome';
  end if;

  if p_schema_name is not null and not p_schema_name = any (v_schemas) then
    raise sqlstate 'PT404' using
      message = format('there is no schema "%s"', p_schema_name),
      constraint = 'schema_exists';
  end if;

  if p_endpoint_id is not null and not exists (
    select from app.endpoint endpoint where endpoint.id = p_endpoint_id and endpoint.schema_name = any (v_schemas)
  ) then
    raise sqlstate 'PT404' using
      message = format('there is no endpoint %s', p_endpoint_id),
      constraint = 'endpoint_exists';
  end if;

  insert into app.replay as replay (asked_by, outcome, schema_names, endpoint_id, since, until)
  values (
    p_actor, p_state, case when p_schema_name is null then v_schemas else array[p_schema_name] end,
    p_endpoint_id, p_since, p_until)
  returning replay.* into v_replay;

  perform inbox_internal.note(
    p_actor, 'deliveries_replayed', p_schema_name, jsonb_build_object(
      'state', p_state, 'endpoint', p_endpoint_id, 'since', p_since, 'until', p_until));
  perform inbox_internal.wake('task_inbox_deliveries');
  return jsonb_build_object(
    'id', v_replay.id, 'matching', (select count(*) from inbox_internal.replay_batch(v_replay, 10000)));
end
$$;
