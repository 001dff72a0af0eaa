-- The webhook of a made-up task of a type, settled with its first resolved
-- state. There is no such task: nothing of it is kept.
create or replace function inbox_internal.example_body(p_type app.task_type, p_schema_name text, p_actor jsonb)
  returns text
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task;
  v_event app.event;
begin
  v_task.meta := coalesce((
    select jsonb_object_agg(field.value ->> 'name', inbox_internal.example_fact(field.value ->> 'kind'))
    from jsonb_array_elements(p_type.definition -> 'fields') field), '{}');
  v_task.id := app.uuid_v7();
  v_task.task_type_id := p_type.id;
  v_task.schema_name := p_schema_name;
  v_task.schema_version := (
    select version.semver from app.schema_version version where version.id = p_type.schema_version_id);
  v_task.ttype := p_type.name;
  v_task.title := inbox_internal.task_title(p_type.definition, p_type.name, v_task.meta);
  v_task.state := (
    select state.name from app.task_state state
    where state.task_type_id = p_type.id and state.resolved order by state.position limit 1);
  v_task.resolved_at := now();
  v_task.resolved_by := p_actor;
  v_task.resolution := 'decided';
  v_task.sequence := 2;
  v_task.version := 2;
  v_task.digest := encode(sha256(convert_to(v_task.meta::text, 'UTF8')), 'hex');
  v_task.external_id := 'example';
  v_task.tags := '{}';
  v_task.urgency := p_type.urgency;
  v_task.posted_at := now();
  v_task.posted_by := p_actor;

  v_event.type := 'webhook.ping';
  v_event.at := now();
  v_event.to_state := v_task.state;
  v_event.sequence := 2;
  v_event.version := 2;
  v_event.actor := p_actor;
  v_event.via := 'cli';
  return inbox_internal.webhook_body(v_task, v_event);
end
$$;
