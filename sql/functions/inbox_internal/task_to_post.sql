-- Makes the row of a new task from what was posted, or says what is wrong with it.
create or replace function inbox_internal.task_to_post(
  p_task app.task, p_type app.task_type, p_urgency text, p_respond_within text, p_attachments jsonb
) returns app.task
  language plpgsql
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
begin
  p_task.request_hash := sha256(convert_to(jsonb_build_array(
    p_task.schema_name, p_type.name, p_task.state, p_task.meta, p_task.external_id, p_urgency, p_task.tags,
    p_task.context, p_task.merge_key, p_task.respond_by, p_respond_within, p_task.start_at, p_attachments)::text, 'UTF8'));

  p_task.id := app.uuid_v7();
  p_task.task_type_id := p_type.id;
  p_task.ttype := p_type.name;
  p_task.sequence := 1;
  p_task.version := 1;
  p_task.posted_at := now();
  p_task.merged_count := 0;
  p_task.attachments := '[]';
  p_task.checklist := p_type.checklist;
  select version.semver into p_task.schema_version
  from app.schema_version version where version.id = p_type.schema_version_id;

  if length(p_task.external_id) not between 1 and 255 then
    raise sqlstate 'PT422' using
      message = 'an external id has 1 to 255 characters',
      column = 'external_id',
      constraint = 'external_id_length';
  end if;

  if p_task.state is not null and inbox_internal.declared_state(p_type.id, p_task.state) then
    raise sqlstate 'PT422' using
      message = format('a task cannot be posted in the resolved state "%s"', p_task.state),
      column = 'state',
      constraint = 'state_pending';
  end if;
  p_task.state := coalesce(p_task.state, p_type.initial_state);

  perform inbox_internal.check_deadline(p_task.respond_by);
  if p_task.respond_by is not null and p_respond_within is not null then
    raise sqlstate 'PT422' using
      message = 'a post has "respond_by" or "respond_within", not both',
      column = 'respond_within',
      constraint = 'respond_by_once';
  end if;

  p_task.deadline_moves := p_task.respond_by is null;
  p_task.respond_by := coalesce(
    p_task.respond_by,
    greatest(p_task.start_at, now()) + coalesce(
      inbox_internal.duration_given(p_respond_within, 'respond_within'),
      p_type.respond_within * interval '1 second'));
  if p_task.deadline_moves and p_task.state = any (p_type.paused_states) then
    p_task.respond_left := p_task.respond_by - now();
    p_task.respond_by := null;
  end if;

  p_task.urgency := coalesce(inbox_internal.urgency_named(p_urgency), p_type.urgency);
  return inbox_internal.task_described(p_task, p_type);
end
$$;
