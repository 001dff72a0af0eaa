-- Puts a secret sealed by another key in the place of the old, unless somebody
-- was faster.
create or replace function inbox_internal.reseal_secret(p_id uuid, p_old bytea, p_new bytea) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  update app.webhook_secret secret set sealed = p_new where secret.id = p_id and secret.sealed = p_old
$$;
