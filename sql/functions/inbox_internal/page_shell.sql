-- What is around every page: how much waits, and what keeps webhooks from going out.
create or replace function inbox_internal.page_shell(p_schemas text[]) returns jsonb
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'open', (
      select count(*) from app.task open
      where open.resolved_at is null and open.schema_name = any (p_schemas)),
    'banners', inbox_internal.banners(p_schemas))
$$;
