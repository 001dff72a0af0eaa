-- Notices that operators have not been told of; each is taken by one server and
-- tried again later when that fails.
create or replace function inbox_internal.notices_to_tell() returns table (id int, notice_object jsonb, tries int)
  language sql
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  update app.notice notice set
    tries = notice.tries + 1,
    try_at = now() + least(30 * 2 ^ least(notice.tries, 10), 3600) * interval '1 second'
  from app.endpoint endpoint
  where endpoint.id = notice.endpoint_id
    and notice.id = any (array(
      select untold.id from app.notice untold
      where untold.told_at is null and untold.try_at <= now()
      order by untold.id
      limit 10
      for update skip locked))
  returning notice.id, jsonb_build_object(
    'kind', notice.kind, 'text', notice.text, 'schema', endpoint.schema_name, 'endpoint_id', endpoint.id,
    'raised_at', notice.raised_at, 'url', (
      select setting.value || '/deliveries' from app.setting setting where setting.name = 'public_url')), notice.tries
$$;
