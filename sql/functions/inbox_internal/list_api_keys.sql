-- Every API key by what is public of it.
create or replace function inbox_internal.list_api_keys() returns table (key_object jsonb)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  select jsonb_build_object(
    'id', key.id, 'name', key.name, 'prefix', key.prefix, 'scopes', key.scopes, 'schema', key.schema_name,
    'created_at', key.created_at, 'expires_at', key.expires_at, 'revoked_at', key.revoked_at,
    'last_used_at', key.last_used_at, 'replaced_by', key.replaced_by,
    'ends_soon', key.revoked_at is null and key.replaced_by is null
      and coalesce(key.expires_at > now() and key.expires_at < now() + interval '30 days', false))
  from app.api_key key
  order by key.id
$$;
