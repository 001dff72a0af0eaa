-- Keeps the signing secret and the hook key of a schema, both sealed by the
-- program. What waited for them goes out.
create or replace function inbox_internal.create_webhook_secret(
  p_schema_name text, p_signing_id uuid, p_signing bytea, p_hook_key_id uuid, p_hook_key bytea,
  p_actor jsonb
) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from app.schema schema where schema.name = p_schema_name) then
    raise sqlstate 'PT404' using
      message = format('there is no schema "%s"', p_schema_name),
      constraint = 'schema_exists';
  end if;

  insert into app.webhook_secret (id, schema_name, kind, sealed)
  values (p_signing_id, p_schema_name, 'signing', p_signing), (p_hook_key_id, p_schema_name, 'hook_key', p_hook_key)
  on conflict (schema_name, kind) where expires_at is null do nothing;

  if not found then
    raise sqlstate 'PT409' using
      message = format('schema "%s" has a signing secret already', p_schema_name),
      constraint = 'secret_exists';
  end if;

  perform inbox_internal.note(p_actor, 'secret_created', p_schema_name);
  perform inbox_internal.wake('task_inbox_deliveries');
end
$$;
