-- Idempotency keys live 24 hours.
create or replace function inbox_internal.forget_idempotency_keys() returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  delete from app.idempotency_key key
  where (key.owner, key.key) in (
    select old.owner, old.key from app.idempotency_key old
    where old.created_at < now() - interval '24 hours'
    limit 1000
    for update skip locked)
$$;
