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
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_task app.task;
  v_posted app.verb_result;
begin
  perform inbox_internal.check_right(v_actor, 'post');

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
  v_posted := inbox_internal.posted(
    v_task, inbox_internal.type_to_post(v_actor, post_task.schema_name, post_task.task), post_task.urgency,
    post_task.respond_within, post_task.attachments, post_task.idempotency_key, inbox_internal.acting_via(via));

  id := v_posted.id;
  created := v_posted.changed;
  owed := v_posted.owed;
  task_object := v_posted.task_object;
  return next;
end
$$;
