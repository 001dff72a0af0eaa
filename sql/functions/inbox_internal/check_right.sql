-- Refuses an actor without the right to a verb: a key without the scope, a
-- person whose role is too low. A database login has what it was granted.
create or replace function inbox_internal.check_right(p_actor jsonb, p_right text) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_scopes text[];
  v_role text;
  v_enough text[] := inbox_internal.scopes_for(p_right);
begin
  if p_actor ->> 'kind' = 'key' then
    select key.scopes into v_scopes from app.api_key key
    where key.id = (p_actor ->> 'id')::int
      and key.revoked_at is null
      and (key.expires_at is null or key.expires_at > now());

    if not found then
      -- It ended after it was checked, as while a reader waited.
      raise sqlstate 'PT401' using
        message = 'the API key is unknown, revoked or expired',
        constraint = 'key_known';
    end if;

    if not v_scopes && v_enough then
      raise sqlstate 'PT403' using
        message = format('this API key lacks the scope "%s"', v_enough[1]),
        constraint = 'key_scope';
    end if;
  elsif p_actor ->> 'kind' = 'person' then
    select person.role into v_role from app.person person
    where person.id = (p_actor ->> 'id')::int and person.disabled_at is null;

    if v_role is null
      or v_role = 'viewer' and p_right <> 'read'
      or v_role = 'resolver' and p_right in ('post', 'withdraw', 'resend', 'redact', 'admin')
    then
      raise sqlstate 'PT403' using
        message = format('your role "%s" may not do this', coalesce(v_role, 'none')),
        constraint = 'role_needed';
    end if;
  end if;
end
$$;
