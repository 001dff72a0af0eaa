-- Under what name an actor holds a claim. A key may be called as a
-- person is; no person's name has a space.
create or replace function inbox_internal.holder_name(p_actor jsonb) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (p_actor ->> 'name') || case when p_actor ->> 'kind' = 'key' then ' (API key)' else '' end;
end
$$;
