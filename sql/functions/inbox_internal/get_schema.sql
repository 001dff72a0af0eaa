-- One schema as it was uploaded and as it was understood; the active version
-- unless another is named.
create or replace function inbox_internal.get_schema(p_name text, p_semver text, p_actor jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_version app.schema_version;
begin
  perform inbox_internal.check_right(p_actor, 'read');

  select version.* into v_version
  from app.schema schema
  join app.schema_version version on version.schema_name = schema.name
  where schema.name = p_name
    and case when p_semver is null then version.id = schema.active_version_id else version.semver = p_semver end;

  if not found or not inbox_internal.may_see(p_actor, p_name, null) then
    raise sqlstate 'PT404' using
      message = format('there is no schema "%s"', concat_ws(' ', p_name, p_semver)),
      constraint = 'schema_exists';
  end if;

  return jsonb_build_object(
    'name', v_version.schema_name,
    'semver', v_version.semver,
    'definition', v_version.definition,
    'source', v_version.source,
    'uploaded_at', v_version.uploaded_at,
    'uploaded_by', v_version.uploaded_by);
end
$$;
