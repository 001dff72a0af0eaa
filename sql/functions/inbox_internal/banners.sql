-- What keeps decisions from reaching their application, for everybody to see.
create or replace function inbox_internal.banners(p_schemas text[]) returns jsonb
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(distinct banner.text), '[]')
  from app.endpoint endpoint
  cross join lateral (
    select case
      when endpoint.state <> 'enabled' then format(
        'Webhooks of %s are stopped: %s. They are kept until a new version of the schema is applied.',
        endpoint.schema_name, coalesce(endpoint.state_reason, endpoint.state))
      when endpoint.blocked is not null then format('Webhooks of %s wait: %s.', endpoint.schema_name, endpoint.blocked)
      when not exists (
        select from app.webhook_secret secret
        where secret.schema_name = endpoint.schema_name and secret.kind = 'signing')
        then format('Webhooks of %s wait: no signing secret yet. Run: task-inbox webhook-secret create %s',
          endpoint.schema_name, endpoint.schema_name)
    end as text
  ) banner
  where endpoint.url is not null and endpoint.schema_name = any (p_schemas) and banner.text is not null
$$;
