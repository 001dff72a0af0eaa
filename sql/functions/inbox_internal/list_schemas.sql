-- The schemas an actor sees, with their versions and what is still missing.
create or replace function inbox_internal.list_schemas(p_actor jsonb) returns table (schema_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
begin
  perform inbox_internal.check_right(p_actor, 'read');

  return query
    select jsonb_build_object(
      'id', schema.name,
      'name', schema.name,
      'semver', active.semver,
      'versions', (
        select jsonb_agg(version.semver order by version.id desc)
        from app.schema_version version where version.schema_name = schema.name),
      'task_types', (
        select jsonb_agg(type.name order by type.id) from app.task_type type where type.schema_version_id = active.id),
      'hook_url', active.definition -> 'hook_url',
      'signing_secret', exists (
        select from app.webhook_secret secret where secret.schema_name = schema.name and secret.kind = 'signing'),
      'uploaded_at', active.uploaded_at)
    from app.schema schema
    join app.schema_version active on active.id = schema.active_version_id
    where inbox_internal.may_see(p_actor, schema.name, null)
    order by schema.name;
end
$$;
