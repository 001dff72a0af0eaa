-- The API key behind a hash, as an actor. Nothing for a key that is unknown,
-- revoked or expired: the caller learns no more than that.
create or replace function inbox_internal.authenticate_key(p_key_hash bytea) returns table (actor jsonb)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_key app.api_key;
begin
  select key.* into v_key
  from app.api_key key
  where key.key_hash = p_key_hash
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now());

  if not found then
    return;
  end if;

  -- Where nothing can be written, reading still works.
  if (v_key.last_used_at is null or v_key.last_used_at < now() - interval '1 minute')
    and not current_setting('transaction_read_only')::boolean
  then
    -- Many requests at once: one of them writes, none of them waits.
    update app.api_key key set last_used_at = now()
    where key.id = (select free.id from app.api_key free where free.id = v_key.id for update skip locked);
  end if;

  return query select jsonb_build_object('kind', 'key', 'id', v_key.id::text, 'name', v_key.name);
end
$$;
