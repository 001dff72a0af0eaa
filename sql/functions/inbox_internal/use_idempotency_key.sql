-- Gives the key to this post, or the task of the post that had it first within
-- 24 hours. A second post at the same moment waits here for the first.
create or replace function inbox_internal.use_idempotency_key(
  p_actor jsonb, p_key text, p_request_hash bytea, p_task_id uuid
) returns uuid
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner text := inbox_internal.idempotency_owner(p_actor);
  v_first app.idempotency_key;
begin
  insert into app.idempotency_key (owner, key, request_hash, task_id)
  values (v_owner, p_key, p_request_hash, p_task_id)
  on conflict (owner, key) do update
    set request_hash = excluded.request_hash, task_id = excluded.task_id, created_at = now()
    where idempotency_key.created_at < now() - interval '24 hours'
  returning * into v_first;

  if not found then
    select first.* into v_first from app.idempotency_key first where first.owner = v_owner and first.key = p_key;

    if v_first.request_hash <> p_request_hash then
      raise sqlstate 'PT422' using
        message = 'this idempotency key was used for another request',
        constraint = 'idempotency_key_reused';
    end if;
  end if;

  return v_first.task_id;
end
$$;
