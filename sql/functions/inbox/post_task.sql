-- Posts a task: what a person now has to settle. The same post again (by its
-- idempotency key or its external id) finds the first task and adds nothing.
create or replace function inbox.post_task(
  schema_name text,
  task text,
  state text default null,
  meta jsonb default '{}',
  external_id text default null,
  urgency text default null,
  tags text[] default '{}',
  context jsonb default null,
  merge_key text default null,
  respond_by timestamptz default null,
  respond_within text default null,
  start_at timestamptz default null,
  attachments jsonb default null,
  idempotency_key text default null,
  actor jsonb default null,
  via text default null
) returns table (id uuid, created boolean, owed boolean, task_object jsonb)
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_type app.task_type;
  v_task app.task;
  v_first_id uuid;
  v_is_new boolean;
  v_event app.event;
begin
  perform inbox_internal.check_right(v_actor, 'post');
  v_type := inbox_internal.type_to_post(v_actor, post_task.schema_name, post_task.task);

  v_task.schema_name := post_task.schema_name;
  v_task.state := nullif(post_task.state, '');
  v_task.meta := coalesce(post_task.meta, '{}');
  v_task.external_id := post_task.external_id;
  v_task.tags := coalesce(post_task.tags, '{}');
  v_task.context := nullif(post_task.context, 'null');
  v_task.merge_key := post_task.merge_key;
  v_task.respond_by := post_task.respond_by;
  v_task.start_at := post_task.start_at;
  v_task.posted_by := v_actor;
  v_task := inbox_internal.task_to_post(
    v_task, v_type, post_task.urgency, post_task.respond_within, post_task.attachments);

  if post_task.idempotency_key is not null then
    v_first_id := inbox_internal.use_idempotency_key(
      v_actor, post_task.idempotency_key, v_task.request_hash, v_task.id);

    if v_first_id <> v_task.id then
      return query
        select first.id, false, false, inbox_internal.task_object(inbox_internal.told_task(first, v_actor))
        from app.task first where first.id = v_first_id;
      return;
    end if;
  end if;

  -- What was posted before takes no upload, no turn and no lead. Of two at once the
  -- second finds it below.
  v_is_new := not exists (
    select from app.task first
    where first.schema_name = v_task.schema_name and first.ttype = v_task.ttype and first.external_id = v_task.external_id);

  if v_is_new then
    v_task := inbox_internal.task_arrived(v_task, v_type, post_task.attachments);
    insert into app.task select v_task.*
    on conflict (schema_name, ttype, external_id) where external_id is not null do nothing;
    v_is_new := found;
  end if;

  if not v_is_new then
    v_task := inbox_internal.task_posted_as(v_task, v_actor, post_task.idempotency_key);
    return query
      select v_task.id, false, false, inbox_internal.task_object(inbox_internal.told_task(v_task, v_actor));
    return;
  end if;

  v_event.kind := 'posted';
  v_event.type := 'task.created';
  v_event.actor := v_actor;
  v_event.via := inbox_internal.acting_via(via);
  owed := inbox_internal.record_event(v_task, v_event);

  if v_task.merged_into is not null then
    perform inbox_internal.join_lead(v_task, true, v_actor, v_event.via);
  end if;
  return query select v_task.id, true, owed, inbox_internal.task_object(v_task);
end
$$;
