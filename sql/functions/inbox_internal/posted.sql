-- Posts what post_task or a batch was given, or finds what it posted before: the
-- task as its poster may see it, changed when it is new.
create or replace function inbox_internal.posted(
  p_task app.task,
  p_type app.task_type,
  p_urgency text,
  p_respond_within text,
  p_attachments jsonb,
  p_idempotency_key text,
  p_via text
) returns app.verb_result
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor jsonb := p_task.posted_by;
  v_task app.task := inbox_internal.task_to_post(p_task, p_type, p_urgency, p_respond_within, p_attachments);
  v_first_id uuid;
  v_is_new boolean;
  v_event app.event;
  v_owed boolean;
begin
  if p_idempotency_key is not null then
    v_first_id := inbox_internal.use_idempotency_key(v_actor, p_idempotency_key, v_task.request_hash, v_task.id);

    if v_first_id <> v_task.id then
      select first.* into v_task from app.task first where first.id = v_first_id;
      return inbox_internal.unchanged(v_task, v_actor);
    end if;
  end if;

  -- What was posted before takes no upload, no turn and no lead. Of two at once the
  -- second finds it below.
  v_is_new := v_task.external_id is null or not exists (
    select from app.task first
    where first.schema_name = v_task.schema_name and first.ttype = v_task.ttype and first.external_id = v_task.external_id);

  if v_is_new then
    v_task := inbox_internal.task_arrived(v_task, p_type, p_attachments);
    insert into app.task select v_task.*
    on conflict (schema_name, ttype, external_id) where external_id is not null do nothing;
    v_is_new := found;
  end if;

  if not v_is_new then
    return inbox_internal.unchanged(inbox_internal.task_posted_as(v_task, v_actor, p_idempotency_key), v_actor);
  end if;

  v_event.kind := 'posted';
  v_event.type := 'task.created';
  v_event.actor := v_actor;
  v_event.via := p_via;
  v_owed := inbox_internal.record_event(v_task, v_event);

  if v_task.merged_into is not null then
    perform inbox_internal.join_lead(v_task, true, v_actor, p_via);
  end if;
  return (v_task.id, true, v_owed, inbox_internal.task_object(v_task), null)::app.verb_result;
end
$$;
