-- A webhook.ping whose data have the shape of a settled task of this type: what
-- a receiver written for the schema will have to read. Its type stays that of a
-- ping, because a receiver may act on what it believes was decided.
create or replace function inbox_internal.try_hook(p_actor jsonb, p_schema_name text, p_type_name text)
  returns table (
    id bigint, claim_no int, endpoint_id int, webhook_id text, body text, url text, hook_header text, secret_ids uuid[], secret_kinds text[], secrets bytea[])
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_type app.task_type;
  v_endpoint_id int;
begin
  perform inbox_internal.check_right(p_actor, 'admin');
  v_type := inbox_internal.type_to_post(p_actor, p_schema_name, coalesce(p_type_name, (
    select type.name
    from app.schema schema join app.task_type type on type.schema_version_id = schema.active_version_id
    where schema.name = p_schema_name
    order by type.id limit 1)));

  -- The type's own address before the schema's.
  select endpoint.id into v_endpoint_id
  from app.endpoint endpoint
  where endpoint.schema_name = p_schema_name
    and (endpoint.task_type = v_type.name or endpoint.task_type is null)
    and endpoint.url is not null
  order by endpoint.task_type nulls last limit 1;

  if not found then
    raise sqlstate 'PT409' using
      message = 'the newest schema version names no hook URL',
      constraint = 'endpoint_sendable';
  end if;

  return query
    select ping.id, ping.claim_no, ping.endpoint_id, ping.webhook_id,
      inbox_internal.example_body(v_type, p_schema_name, p_actor),
      ping.url, ping.hook_header, ping.secret_ids, ping.secret_kinds, ping.secrets
    from inbox_internal.ping_endpoint(p_actor, v_endpoint_id) ping;
end
$$;
