-- How many secrets a server that starts with these sealing keys cannot open.
create or replace function inbox_internal.unopened_secrets(p_key_ids bytea[]) returns bigint
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select count(*)
  from app.webhook_secret secret
  where (secret.expires_at is null or secret.expires_at > now())
    and secret.key_id <> all (p_key_ids)
$$;
