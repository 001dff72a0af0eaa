-- Whether anything can be sent to an endpoint: it has an address and a secret, and
-- no fault of ours is in the way. reporting.endpoints says the same to people, and
-- of a wrong setting of the server besides, which another replica may not have.
create or replace function inbox_internal.sendable(p_endpoint app.endpoint) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return p_endpoint.url is not null
    and p_endpoint.blocked is null
    and exists (
      select from app.webhook_secret secret
      where secret.schema_name = p_endpoint.schema_name and secret.kind = 'signing');
end
$$;
