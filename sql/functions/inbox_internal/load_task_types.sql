-- The task types and states of a new schema version.
create or replace function inbox_internal.load_task_types(p_version_id int, p_definition jsonb) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  insert into app.task_type (
    schema_version_id, name, definition, initial_state, urgency, webhooks, undo_seconds, paused_states, respond_within,
    on_expire, reopen, claim_for, assign, candidates, merge_key, urgency_rules, urgency_by_time, checklist)
  select p_version_id, type.value ->> 'name', type.value - 'states', type.value ->> 'initial_state',
    (type.value ->> 'urgency')::app.urgency,
    array(select jsonb_array_elements_text(type.value -> 'webhooks')), (type.value ->> 'undo_seconds')::int,
    array(select jsonb_array_elements_text(coalesce(type.value -> 'paused_states', '[]'))),
    (type.value ->> 'respond_within')::int, type.value ->> 'on_expire', coalesce(type.value ->> 'reopen', 'never'),
    coalesce((type.value ->> 'claim_for')::int, 900), nullif(type.value -> 'assign', 'null'),
    case when jsonb_typeof(type.value -> 'candidates') = 'array'
      then array(select jsonb_array_elements_text(type.value -> 'candidates')) end,
    type.value ->> 'merge_key', coalesce(type.value -> 'urgency_rules', '[]'),
    jsonb_path_exists(type.value, '$.urgency_rules[*].when ? (@ like_regex "age_s|respond_in_s")'),
    (
      select coalesce(jsonb_agg(item.value || '{"done_at": null, "done_by": null}' order by item.place), '[]')
      from jsonb_array_elements(coalesce(type.value -> 'checklist', '[]')) with ordinality as item (value, place))
  from jsonb_array_elements(p_definition -> 'task_types') type;

  insert into app.task_state (task_type_id, name, position, resolved, label, outcome, style, confirm, comment, only_from, form,
    reason_texts)
  select loaded.id, state.value ->> 'name', state.place, (state.value ->> 'resolved')::boolean,
    nullif(state.value -> 'label', 'null'), state.value ->> 'outcome', state.value ->> 'style',
    state.value ->> 'confirm', state.value ->> 'comment',
    case when jsonb_typeof(state.value -> 'only_from') = 'array'
      then array(select jsonb_array_elements_text(state.value -> 'only_from'))
    end,
    nullif(state.value -> 'form', 'null'), coalesce(state.value -> 'reason_texts', '{}')
  from jsonb_array_elements(p_definition -> 'task_types') type
  join app.task_type loaded on loaded.schema_version_id = p_version_id and loaded.name = type.value ->> 'name'
  cross join lateral jsonb_array_elements(type.value -> 'states') with ordinality as state (value, place)
$$;
