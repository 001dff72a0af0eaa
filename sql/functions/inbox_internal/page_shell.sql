-- What is around every page: how much waits, what keeps webhooks from going
-- out, and whether there is more to see for an admin.
create or replace function inbox_internal.page_shell(p_actor jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_schemas text[] := inbox_internal.schemas_seen(p_actor);
begin
  return jsonb_build_object(
    'open', (
      select count(*) from app.task open
      where open.resolved_at is null
        and open.merged_into is null
        and open.schema_name = any (v_schemas)
        and coalesce(open.start_at <= now(), true)
        and coalesce(open.snoozed_until <= now(), true)),
    'banners', inbox_internal.banners(v_schemas),
    'admin', inbox_internal.is_admin(p_actor));
end
$$;
