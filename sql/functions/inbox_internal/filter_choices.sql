-- What a list can be narrowed to: whose tasks there are, and the states of the
-- type that was chosen, those of its newest schema.
create or replace function inbox_internal.filter_choices(p_filter jsonb, p_schemas text[]) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task_type_id int := (
    select max(type.id) from app.task_type type
    join app.schema_version version on version.id = type.schema_version_id
    where version.schema_name = p_filter ->> 'schema' and type.name = p_filter ->> 'type'
      and version.schema_name = any (p_schemas));
begin
  return jsonb_build_object(
    'assignees', (
      select coalesce(jsonb_agg(whose.assignee order by whose.assignee), '[]')
      from (
        select distinct open.assignee from app.task open
        where open.resolved_at is null and open.assignee is not null and open.schema_name = any (p_schemas)
      ) whose),
    'states', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'name', state.name, 'label', inbox_internal.plain_text(state.label, state.name), 'resolved', state.resolved
      ) order by state.position), '[]')
      from app.task_state state where state.task_type_id = v_task_type_id));
end
$$;
