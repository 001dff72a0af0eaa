-- Posts one task of a batch, an object with the parameters of inbox.post_task.
create or replace function inbox_internal.post_given(
  p_new jsonb, p_type app.task_type, p_idempotency_key text, p_actor jsonb, p_via text
) returns app.verb_result
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task;
  v_within text := p_new ->> 'respond_within';
begin
  v_task.schema_name := p_new ->> 'schema_name';
  v_task.state := nullif(p_new ->> 'state', '');
  v_task.meta := coalesce(nullif(p_new -> 'meta', 'null'), '{}');
  v_task.external_id := p_new ->> 'external_id';
  v_task.tags := inbox_internal.texts(p_new -> 'tags');
  v_task.context := nullif(p_new -> 'context', 'null');
  v_task.merge_key := p_new ->> 'merge_key';
  v_task.respond_by := inbox_internal.time_given(p_new -> 'respond_by', 'respond_by');
  v_task.start_at := inbox_internal.time_given(p_new -> 'start_at', 'start_at');
  v_task.posted_by := p_actor;
  -- 60.0 is 60, in JSON as in its schemas.
  if jsonb_typeof(p_new -> 'respond_within') = 'number' then
    v_within := trim_scale(v_within::numeric);
  end if;
  return inbox_internal.posted(
    v_task, p_type, p_new ->> 'urgency', v_within, nullif(p_new -> 'attachments', 'null'), p_idempotency_key, p_via);
end
$$;
