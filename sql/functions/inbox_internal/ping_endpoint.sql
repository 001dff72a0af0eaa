-- What to send to see whether a receiver is there and takes our signature:
-- webhook.ping, by hand, whatever the breaker says. It is not in the outbox, so
-- it has no number there.
create or replace function inbox_internal.ping_endpoint(p_actor jsonb, p_id int)
  returns table (
    id bigint, claim_no int, endpoint_id int, webhook_id text, body text, url text, hook_header text, secret_ids uuid[], secret_kinds text[], secrets bytea[])
  language plpgsql
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
  v_endpoint app.endpoint := inbox_internal.endpoint_to_manage(p_actor, p_id);
  v_secrets record;
begin
  select live.* into v_secrets from inbox_internal.live_secrets(v_endpoint.schema_name) live;

  if v_endpoint.url is null or not 'signing' = any (coalesce(v_secrets.kinds, '{}')) then
    raise sqlstate 'PT409' using
      message = case when v_endpoint.url is null
        then 'the newest schema version names no hook URL'
        else 'there is no signing secret yet' end,
      constraint = 'endpoint_sendable';
  end if;

  perform inbox_internal.note(
    p_actor, 'endpoint_pinged', v_endpoint.id::text,
    jsonb_build_object('schema', v_endpoint.schema_name, 'task_type', v_endpoint.task_type));

  return query select 0::bigint, 0, v_endpoint.id,
    'ping_' || replace(app.uuid_v7()::text, '-', ''),
    jsonb_build_object(
      'type', 'webhook.ping', 'timestamp', now(), 'data', jsonb_build_object(
        'schema', v_endpoint.schema_name, 'ttype', v_endpoint.task_type, 'actor', p_actor))::text,
    v_endpoint.url, v_endpoint.hook_header, v_secrets.ids, v_secrets.kinds, v_secrets.sealed;
end
$$;
