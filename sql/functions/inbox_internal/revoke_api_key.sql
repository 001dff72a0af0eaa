-- Ends an API key, named by its id or its prefix, at once and everywhere.
create or replace function inbox_internal.revoke_api_key(p_id_or_prefix text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_prefix text;
begin
  update app.api_key key set revoked_at = coalesce(key.revoked_at, now())
  where key.id::text = p_id_or_prefix or key.prefix = p_id_or_prefix
  returning key.prefix into v_prefix;

  if not found then
    raise sqlstate 'PT404' using
      message = format('there is no API key "%s"', p_id_or_prefix),
      constraint = 'api_key_exists';
  end if;

  perform inbox_internal.note(null, 'key_revoked', v_prefix);
end
$$;
