-- The page of one task and the form that changes its facts: `basics` are what every
-- task has, `facts` what this one has, each with the path to it in meta.
create or replace function inbox_internal.facts_page(p_task_id uuid, p_actor jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_task app.task := inbox_internal.task_to_read(p_task_id, p_actor);
  v_definition jsonb := (select type.definition from app.task_type type where type.id = v_task.task_type_id);
  v_form jsonb := inbox_internal.fact_form(v_definition, v_task.meta);
begin
  return inbox_internal.task_page(p_task_id, p_actor) || jsonb_build_object(
    'basics', inbox_internal.form_inputs(
      '{"x-order": ["urgency", "respond_by", "tags"], "required": ["urgency"], "properties": {
        "urgency": {"title": "Urgency", "x-kind": "select", "x-from": "/urgency",
          "enum": ["low", "normal", "high", "critical"], "x-labels": ["Low", "Normal", "High", "Critical"]},
        "respond_by": {"title": "Answer by", "x-kind": "datetime", "x-from": "/respond_by"},
        "tags": {"title": "Tags", "description": "One on each line.", "x-kind": "long_text", "x-from": "/tags"}}}',
      jsonb_build_object(
        'urgency', v_task.urgency,
        'respond_by', v_task.respond_by,
        'tags', array_to_string(v_task.tags, e'\n'))),
    'facts', (
      select coalesce(jsonb_agg(input.value || jsonb_build_object(
        'path', (
          select jsonb_agg(replace(replace(step.name, '~1', '/'), '~0', '~') order by step.place)
          from unnest(string_to_array(
            substr(v_form #>> array['properties', input.value ->> 'name', 'x-from'], 2), '/'))
            with ordinality step (name, place)),
        'currency_from', v_form #>> array['properties', input.value ->> 'name', 'x-currency-from'],
        'blur', exists (
          select from jsonb_array_elements(v_definition -> 'fields') field
          where field.value ->> 'name' = input.value ->> 'name' and field.value -> 'blur' = 'true')
      ) order by input.place), '[]')
      from jsonb_array_elements(inbox_internal.form_inputs(v_form, v_task.meta))
        with ordinality as input (value, place)),
    'left_out', v_form -> 'left_out');
end
$$;
