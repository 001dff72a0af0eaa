-- Everything the page of one task shows, in one statement.
create or replace function inbox_internal.task_page(p_task_id uuid, p_actor jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_task app.task := inbox_internal.task_to_read(p_task_id, p_actor);
  v_may_decide boolean := exists (
    select from app.person person where person.id = (p_actor ->> 'id')::int and person.role <> 'viewer');
begin
  return inbox_internal.page_shell(p_actor) || jsonb_build_object(
    'task', inbox_internal.task_row(v_task, null) || jsonb_build_object(
    'schema', v_task.schema_name,
    'schema_version', v_task.schema_version,
    'ttype', v_task.ttype,
    'description', (
      select inbox_internal.plain_text(type.definition -> 'description', null)
      from app.task_type type where type.id = v_task.task_type_id),
    'external_id', v_task.external_id,
    'tags', v_task.tags,
    'undo', coalesce(v_task.held_until > now() and v_may_decide and (
      select inbox_internal.may_undo(event, p_actor)
      from app.event event where event.task_id = v_task.id and event.sequence = v_task.version), false),
    'verbs', inbox.allowed_verbs(v_task.id, p_actor),
    'merged_into', v_task.merged_into,
    'members', inbox_internal.merged_members(v_task),
    'attachments', v_task.attachments,
    'checklist', v_task.checklist,
    'people', inbox_internal.assignable_people(v_task),
    'moves', inbox_internal.task_moves(v_task, p_actor),
    'history', inbox_internal.task_steps(v_task),
    'deliveries', inbox_internal.task_deliveries(v_task.id, p_actor)));
end
$$;
