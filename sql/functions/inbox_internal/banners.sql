-- What keeps decisions from reaching their application, and what operators must
-- look at, for everybody to see.
create or replace function inbox_internal.banners(p_schemas text[]) returns jsonb
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(distinct banner.text), '[]')
  from (
    select case
      when endpoint.url is null then null
      when endpoint.state in ('paused', 'disabled') then format(
        'Webhooks of %s are stopped: %s. They are kept until it is enabled again.', endpoint.schema_name, endpoint.reason)
      when not endpoint.has_secret then format(
        'Webhooks of %s wait: no signing secret yet. Run: task-inbox webhook-secret create %s',
        endpoint.schema_name, endpoint.schema_name)
      when not endpoint.sendable then format('Webhooks of %s wait: %s.', endpoint.schema_name, endpoint.reason)
      when endpoint.state = 'open' then format(
        'Webhooks of %s do not arrive: %s. They are kept and tried again.', endpoint.schema_name, endpoint.reason)
    end as text
    from reporting.endpoints endpoint
    where endpoint.schema_name = any (p_schemas)
    union all
    select notice.text
    from app.notice notice
    join app.endpoint endpoint on endpoint.id = notice.endpoint_id
    where notice.cleared_at is null and notice.kind = 'delivery_failed' and endpoint.schema_name = any (p_schemas)
  ) banner
  where banner.text is not null
$$;
