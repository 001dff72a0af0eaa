-- Whether this very request was made before with the same idempotency key: then
-- the verb does nothing and answers with the task as it is.
create or replace function inbox_internal.repeated(
  p_actor jsonb, p_key text, p_verb text, p_task_id uuid, p_request jsonb
) returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- Told from that of another request by a place of its own.
  v_mark uuid := app.uuid_v7();
begin
  return p_key is not null
    and v_mark <> inbox_internal.use_idempotency_key(
      p_actor, p_key,
      sha256(convert_to(jsonb_build_array(p_verb, p_task_id, p_request)::text, 'UTF8')),
      v_mark);
end
$$;
