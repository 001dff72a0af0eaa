-- What a new version of a schema is compared with: the active one as it was
-- uploaded, and the open tasks, which keep their versions. Nulls and nothing
-- when there is no such schema yet.
create or replace function inbox_internal.schema_in_use(p_name text, p_semver text, p_actor jsonb)
  returns table (semver text, source text, semver_known boolean, open_tasks jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform inbox_internal.check_right(p_actor, 'read');

  if not inbox_internal.may_see(p_actor, p_name, null) then
    raise sqlstate 'PT404' using
      message = format('there is no schema "%s"', p_name),
      constraint = 'schema_exists';
  end if;

  return query
    select active.semver, active.source,
      exists (
        select from app.schema_version version where version.schema_name = p_name and version.semver = p_semver),
      coalesce((
        select jsonb_agg(to_jsonb(waiting) order by waiting.semver, waiting.ttype, waiting.state)
        from (
          select task.schema_version as semver, task.ttype, task.state, count(*) as tasks
          from app.task task
          where task.schema_name = p_name and task.resolved_at is null
          group by task.schema_version, task.ttype, task.state
        ) waiting), '[]')
    from (values (p_name)) asked (name)
    left join app.schema schema on schema.name = asked.name
    left join app.schema_version active on active.id = schema.active_version_id;
end
$$;
