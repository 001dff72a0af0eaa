-- Whether a worker with these sealing keys can send anything to an endpoint: it has
-- an address and a secret, no fault of ours is in the way, and the keys open all that
-- signs. reporting.endpoints says the same to people, for all workers together, and
-- of a wrong setting of the server besides, which another replica may not have.
create or replace function inbox_internal.sendable(p_endpoint app.endpoint, p_key_ids bytea[]) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return p_endpoint.url is not null
    and p_endpoint.blocked is null
    and exists (
      select from app.webhook_secret secret
      where secret.schema_name = p_endpoint.schema_name and secret.kind = 'signing')
    and not exists (
      select from app.webhook_secret live
      where live.schema_name = p_endpoint.schema_name
        and (live.expires_at is null or live.expires_at > now())
        and live.key_id <> all (p_key_ids));
end
$$;
