-- Keeps a new version of a task schema and makes it the active one. A version
-- once used never changes: tasks hold on to it. The same upload again is no
-- change at all.
create or replace function inbox_internal.load_schema(p_definition jsonb, p_source text, p_actor jsonb)
  returns table (schema_name text, semver text, created boolean, warnings text[])
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_name text := p_definition ->> 'name';
  v_semver text := p_definition ->> 'semver';
  v_first app.schema_version;
  v_version_id int;
begin
  perform inbox_internal.check_right(p_actor, 'admin');
  if not inbox_internal.may_see(p_actor, v_name, null) then
    raise sqlstate 'PT403' using
      message = format('this API key is not for the schema "%s"', v_name),
      constraint = 'key_schema';
  end if;

  perform inbox_internal.check_urgency_rules(p_definition);

  insert into app.schema (name) values (v_name) on conflict (name) do nothing;
  -- Two uploads of one schema at once: the second waits here.
  perform from app.schema schema where schema.name = v_name for update;

  select version.* into v_first
  from app.schema_version version where version.schema_name = v_name and version.semver = v_semver;

  -- The same file stays the same when a newer program compiles it otherwise.
  if found and v_first.definition <> p_definition and v_first.source <> p_source then
    raise sqlstate 'PT409' using
      message = format('version "%s" of schema "%s" exists with other content; give the file a new semver', v_semver, v_name),
      constraint = 'semver_used';
  end if;

  if found then
    return query select v_name, v_semver, false, inbox_internal.schema_warnings(p_definition);
    return;
  end if;

  insert into app.schema_version as version (schema_name, semver, definition, source, uploaded_by)
  values (v_name, v_semver, p_definition, p_source, p_actor)
  returning version.id into v_version_id;

  update app.schema schema set active_version_id = v_version_id where schema.name = v_name;

  perform inbox_internal.load_task_types(v_version_id, p_definition);
  perform inbox_internal.load_endpoints(v_name, p_definition);

  perform inbox_internal.note(p_actor, 'schema_applied', v_name, jsonb_build_object('semver', v_semver));
  return query select v_name, v_semver, true, inbox_internal.schema_warnings(p_definition);
end
$$;
