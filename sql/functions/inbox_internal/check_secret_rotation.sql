-- Refuses a rotation of what is not there, with a grace that is none, or while
-- an old secret is still good: its receiver may just be changing over.
create or replace function inbox_internal.check_secret_rotation(p_actor jsonb, p_schema_name text, p_grace_seconds int)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_old_until timestamptz;
begin
  if not p_grace_seconds between 0 and 604800 then
    raise sqlstate 'PT422' using
      message = 'the old secret may stay good for 0 to 604800 seconds (7 days)',
      column = 'grace_seconds',
      constraint = 'grace_range';
  end if;

  -- Two rotations at once: the second waits here.
  perform from app.schema schema where schema.name = p_schema_name for update;
  if not found or not inbox_internal.may_see(p_actor, p_schema_name, null) then
    raise sqlstate 'PT404' using
      message = format('there is no schema "%s"', p_schema_name),
      constraint = 'schema_exists';
  end if;

  if not exists (
    select from app.webhook_secret secret
    where secret.schema_name = p_schema_name and secret.kind = 'signing' and secret.expires_at is null
  ) then
    raise sqlstate 'PT404' using
      message = format('schema "%s" has no signing secret yet; create one', p_schema_name),
      constraint = 'secret_there';
  end if;

  select max(old.expires_at) into v_old_until
  from app.webhook_secret old
  where old.schema_name = p_schema_name and old.kind = 'signing' and old.expires_at > now();
  if v_old_until is not null and p_grace_seconds > 0 then
    raise sqlstate 'PT409' using
      message = format('an older secret still signs until %s; rotate without grace to end it now',
        to_char(v_old_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')),
      constraint = 'rotation_running';
  end if;
end
$$;
