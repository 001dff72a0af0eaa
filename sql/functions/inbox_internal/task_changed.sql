-- A task with what a change asks for, or what is wrong with it.
create or replace function inbox_internal.task_changed(p_task app.task, p_change jsonb, p_actor jsonb) returns app.task
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_type app.task_type;
  v_unknown text;
  v_began timestamptz;
begin
  select type.* into v_type from app.task_type type where type.id = p_task.task_type_id;

  select string_agg(quote_ident(member.key), ', ') into v_unknown
  from jsonb_object_keys(p_change) member (key)
  where member.key not in ('meta', 'tags', 'urgency', 'respond_by', 'start_at', 'attachments');
  if v_unknown is not null then
    raise sqlstate 'PT422' using
      message = format('a change has meta, tags, urgency, respond_by, start_at and attachments, not %s', v_unknown),
      constraint = 'change_known';
  end if;

  if p_change ? 'meta' then
    p_task.meta := inbox_internal.merge_patch(p_task.meta, p_change -> 'meta');
  end if;
  if p_change ? 'tags' then
    p_task.tags := inbox_internal.texts(p_change -> 'tags');
  end if;
  if p_change ? 'urgency' then
    p_task.urgency := coalesce(inbox_internal.urgency_named(p_change ->> 'urgency'), v_type.urgency);
  end if;
  if p_change ? 'start_at' then
    v_began := greatest(p_task.start_at, now());
    p_task.start_at := inbox_internal.time_given(p_change -> 'start_at', 'start_at');
    if p_task.start_at > now() and p_task.merged_count > 0 then
      raise sqlstate 'PT409' using
        message = 'other posts are merged into this one, and people would not see them either',
        constraint = 'task_merged';
    end if;
    -- What comes from respond_within begins with the task.
    if p_task.deadline_moves and p_task.late_at is null then
      p_task.respond_by := p_task.respond_by + (greatest(p_task.start_at, now()) - v_began);
    end if;
  end if;
  if p_change ? 'respond_by' then
    p_task.respond_by := inbox_internal.time_given(p_change -> 'respond_by', 'respond_by');
    perform inbox_internal.check_deadline(p_task.respond_by);
    p_task.deadline_moves := false;
    p_task.respond_left := null;
    p_task.late_at := null;
  end if;
  if p_change ? 'attachments' then
    p_task.attachments := inbox_internal.take_attachments(p_task, p_change -> 'attachments', p_actor);
  end if;

  return inbox_internal.task_described(p_task, v_type);
end
$$;
