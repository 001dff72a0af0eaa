-- A successor of an API key, named by its id or prefix: with its name, scopes,
-- schema and length of life. The old one works for the overlap, so that an
-- application can change over whenever it likes. The program made the new key.
create or replace function inbox_internal.rotate_api_key(
  p_id_or_prefix text, p_overlap_seconds int, p_prefix text, p_key_hash bytea
) returns table (id int, name text, scopes text[], expires_at timestamptz, old_prefix text, old_until timestamptz)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_old app.api_key;
  v_new app.api_key;
begin
  if p_overlap_seconds not between 0 and 2592000 then
    raise sqlstate 'PT422' using
      message = 'the overlap is 0 to 2592000 seconds',
      constraint = 'overlap_range';
  end if;

  select old.* into v_old from app.api_key old
  where old.id::text = p_id_or_prefix or old.prefix = p_id_or_prefix
  for update;

  if not found then
    raise sqlstate 'PT404' using
      message = format('there is no API key "%s"', p_id_or_prefix),
      constraint = 'api_key_exists';
  elsif v_old.replaced_by is not null then
    raise sqlstate 'PT409' using
      message = format('API key %s has a successor already: %s', v_old.id, v_old.replaced_by),
      constraint = 'api_key_replaced';
  elsif v_old.revoked_at is not null or v_old.expires_at <= now() then
    raise sqlstate 'PT409' using
      message = format('API key %s is over; make a new one', v_old.id),
      constraint = 'api_key_live';
  end if;

  insert into app.api_key (name, prefix, key_hash, scopes, schema_name, expires_at, line_id)
  values (
    v_old.name, p_prefix, p_key_hash, v_old.scopes, v_old.schema_name,
    now() + (v_old.expires_at - v_old.created_at), coalesce(v_old.line_id, v_old.id))
  returning * into v_new;

  update app.api_key old set
    replaced_by = v_new.id,
    expires_at = least(old.expires_at, now() + p_overlap_seconds * interval '1 second')
  where old.id = v_old.id
  returning old.expires_at into v_old.expires_at;

  perform inbox_internal.note(
    null, 'key_rotated', v_old.prefix, jsonb_build_object('successor', p_prefix, 'until', v_old.expires_at));
  return query
    select v_new.id, v_new.name, v_new.scopes, v_new.expires_at, v_old.prefix, v_old.expires_at;
end
$$;
