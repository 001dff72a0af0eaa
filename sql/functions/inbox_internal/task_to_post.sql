-- Makes the row of a new task from what was posted, or says what is wrong with it.
create or replace function inbox_internal.task_to_post(
  p_type app.task_type,
  p_actor jsonb,
  p_schema_name text,
  p_state text,
  p_meta jsonb,
  p_external_id text,
  p_urgency text,
  p_tags text[],
  p_context jsonb
) returns app.task
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task;
  v_resolved boolean;
begin
  v_task.id := app.uuid_v7();
  v_task.task_type_id := p_type.id;
  v_task.schema_name := p_schema_name;
  v_task.ttype := p_type.name;
  v_task.state := coalesce(nullif(p_state, ''), p_type.initial_state);
  v_task.sequence := 1;
  v_task.version := 1;
  v_task.meta := coalesce(p_meta, '{}');
  v_task.external_id := p_external_id;
  v_task.context := nullif(p_context, 'null');
  v_task.tags := coalesce(p_tags, '{}');
  v_task.posted_at := now();
  v_task.posted_by := p_actor;

  if jsonb_typeof(v_task.meta) <> 'object' then
    raise sqlstate 'PT422' using
      message = format('"meta" must be an object, not %s', jsonb_typeof(v_task.meta)),
      column = 'meta',
      constraint = 'meta_object';
  end if;

  if length(p_external_id) not between 1 and 255 then
    raise sqlstate 'PT422' using
      message = 'an external id has 1 to 255 characters',
      column = 'external_id',
      constraint = 'external_id_length';
  end if;

  if v_task.state is not null then
    v_resolved := inbox_internal.declared_state(p_type.id, v_task.state);
    if v_resolved then
      raise sqlstate 'PT422' using
        message = format('a task cannot be posted in the resolved state "%s"', v_task.state),
        column = 'state',
        constraint = 'state_pending';
    end if;
  end if;

  if p_urgency is not null and p_urgency <> all (enum_range(null::app.urgency)::text[]) then
    raise sqlstate 'PT422' using
      message = format('"urgency" must be one of low, normal, high, critical, not "%s"', p_urgency),
      column = 'urgency',
      constraint = 'urgency_known';
  end if;
  v_task.urgency := coalesce(p_urgency::app.urgency, p_type.urgency);

  select version.semver into v_task.schema_version
  from app.schema_version version where version.id = p_type.schema_version_id;

  v_task.title := inbox_internal.task_title(p_type.definition, p_type.name, v_task.meta);
  v_task.digest := encode(sha256(convert_to(v_task.meta::text, 'UTF8')), 'hex');
  v_task.request_hash := sha256(convert_to(jsonb_build_array(
    p_schema_name, p_type.name, p_state, v_task.meta, p_external_id, p_urgency, v_task.tags, v_task.context)::text,
    'UTF8'));

  return v_task;
end
$$;
