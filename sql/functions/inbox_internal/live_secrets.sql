-- The secrets of a schema that sign now: the current one first, then an old one
-- within its grace.
create or replace function inbox_internal.live_secrets(p_schema_name text)
  returns table (ids uuid[], kinds text[], sealed bytea[])
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select array_agg(live.id order by live.expires_at desc nulls first),
      array_agg(live.kind order by live.expires_at desc nulls first),
      array_agg(live.sealed order by live.expires_at desc nulls first)
    from app.webhook_secret live
    where live.schema_name = p_schema_name and (live.expires_at is null or live.expires_at > now());
end
$$;
