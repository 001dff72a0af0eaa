-- A server has started without the key of some secrets: what they would sign
-- waits and says why. Gives how many secrets; the keys are known by the first
-- bytes of what is sealed.
create or replace function inbox_internal.block_sealed(p_key_ids bytea[], p_reason text) returns bigint
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_schemas text[];
begin
  select array_agg(secret.schema_name) into v_schemas
  from app.webhook_secret secret
  where (secret.expires_at is null or secret.expires_at > now())
    and substring(secret.sealed from 1 for 4) <> all (p_key_ids);

  update app.endpoint endpoint set blocked = p_reason where endpoint.schema_name = any (v_schemas);

  return coalesce(cardinality(v_schemas), 0);
end
$$;
