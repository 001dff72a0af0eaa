-- Which secrets there are; never what they are.
create or replace function inbox_internal.list_webhook_secrets(p_schema_name text) returns table (secret_object jsonb)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  select jsonb_build_object(
    'id', secret.id, 'schema', secret.schema_name, 'kind', secret.kind,
    'created_at', secret.created_at, 'expires_at', secret.expires_at)
  from app.webhook_secret secret
  where p_schema_name is null or secret.schema_name = p_schema_name
  order by secret.schema_name, secret.created_at, secret.kind
$$;
