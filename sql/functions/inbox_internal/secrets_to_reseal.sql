-- Secrets that were not sealed by this key, known by the first bytes of what is sealed.
create or replace function inbox_internal.secrets_to_reseal(p_key_id bytea) returns table (id uuid, sealed bytea)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select secret.id, secret.sealed
  from app.webhook_secret secret
  where substring(secret.sealed from 1 for length(p_key_id)) <> p_key_id
  order by secret.id
$$;
