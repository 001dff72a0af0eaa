-- A new API key; the program made it and keeps no more than its hash.
create or replace function inbox_internal.create_api_key(
  p_name text, p_prefix text, p_key_hash bytea, p_scopes text[], p_schema_name text, p_expires_at timestamptz,
  p_actor jsonb default null
) returns int
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_id int;
begin
  if p_schema_name is not null and not exists (select from app.schema schema where schema.name = p_schema_name) then
    raise sqlstate 'PT404' using
      message = format('there is no schema "%s"', p_schema_name),
      constraint = 'schema_exists';
  end if;

  insert into app.api_key as key (name, prefix, key_hash, scopes, schema_name, expires_at)
  values (p_name, p_prefix, p_key_hash, p_scopes, p_schema_name, p_expires_at)
  returning key.id into v_id;

  perform inbox_internal.note(p_actor, 'key_created', p_prefix, jsonb_build_object(
    'name', p_name, 'scopes', p_scopes, 'schema', p_schema_name, 'expires_at', p_expires_at));
  return v_id;
end
$$;
