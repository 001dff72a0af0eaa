-- A task as the pages show it: labels instead of names, facts as text.
create or replace function inbox_internal.task_row(p_task app.task, p_facts int) returns jsonb
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  select jsonb_build_object(
    'id', p_task.id,
    'title', p_task.title,
    'type_label', inbox_internal.plain_text(type.definition -> 'label', type.name),
    'state_label', inbox_internal.plain_text(state.label, state.name),
    'outcome', case when state.resolved then state.outcome end,
    'urgency', p_task.urgency,
    'version', p_task.version,
    'resolved', p_task.resolved_at is not null,
    'posted_at', p_task.posted_at,
    'posted_by', p_task.posted_by ->> 'name',
    'settled_at', p_task.resolved_at,
    'settled_by', p_task.resolved_by ->> 'name',
    'respond_by', p_task.respond_by,
    'late', coalesce(p_task.respond_by < coalesce(p_task.resolved_at, now()), false),
    'snoozed_until', case when p_task.snoozed_until > now() then p_task.snoozed_until end,
    'assignee', p_task.assignee,
    'claimed_by', case when p_task.claimed_until > now() then p_task.claimed_by end,
    'claimed_until', case when p_task.claimed_until > now() then p_task.claimed_until end,
    'merged_count', p_task.merged_count,
    'resolution', p_task.resolution,
    'held_until', case when p_task.held_until > now() then p_task.held_until end,
    'facts', (
      -- A list needs no more than a line of each, and nothing of what is blurred.
      select coalesce(jsonb_agg(case
        when p_facts is null then fact.value
        when (fact.value ->> 'blur')::boolean then fact.value || '{"text": ""}'
        else fact.value || jsonb_build_object('text', left(fact.value ->> 'text', 200))
      end order by fact.place), '[]')
      from jsonb_array_elements(inbox_internal.task_facts(type.definition, p_task.meta))
        with ordinality as fact (value, place)
      where p_facts is null or fact.place <= p_facts))
  from app.task_type type
  left join app.task_state state on state.task_type_id = type.id and state.name = p_task.state
  where type.id = p_task.task_type_id
$$;
