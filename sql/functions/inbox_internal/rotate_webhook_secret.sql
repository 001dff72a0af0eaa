-- Replaces the signing secret of a schema, and its hook key when one is given.
-- Until the end of the grace the old secret signs as well, so that a receiver
-- can change over without a rejected request. There is one old secret at most.
create or replace function inbox_internal.rotate_webhook_secret(
  p_actor jsonb, p_schema_name text, p_grace_seconds int, p_signing_id uuid, p_signing bytea, p_hook_key_id uuid,
  p_hook_key bytea
) returns timestamptz
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_expires_at timestamptz := now() + p_grace_seconds * interval '1 second';
begin
  perform inbox_internal.check_right(p_actor, 'admin');
  perform inbox_internal.check_secret_rotation(p_actor, p_schema_name, p_grace_seconds);

  -- A hook key cannot be sent twice: the new one counts at once.
  delete from app.webhook_secret old
  where old.schema_name = p_schema_name
    and (old.kind = 'signing' and (old.expires_at is not null or p_grace_seconds = 0)
      or old.kind = 'hook_key' and p_hook_key is not null);

  update app.webhook_secret old set expires_at = v_expires_at
  where old.schema_name = p_schema_name and old.kind = 'signing';

  insert into app.webhook_secret (id, schema_name, kind, sealed)
  select new.id, p_schema_name, new.kind, new.sealed
  from (values (p_signing_id, 'signing', p_signing), (p_hook_key_id, 'hook_key', p_hook_key)) as new (id, kind, sealed)
  where new.sealed is not null;

  perform inbox_internal.note(p_actor, 'secret_rotated', p_schema_name, jsonb_build_object(
    'grace_seconds', p_grace_seconds, 'hook_key', p_hook_key is not null));
  perform inbox_internal.wake('task_inbox_deliveries');
  return case when p_grace_seconds > 0 then v_expires_at end;
end
$$;
