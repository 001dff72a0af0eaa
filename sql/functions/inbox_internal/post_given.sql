-- Posts one task of a batch, an object with the parameters of inbox.post_task.
create or replace function inbox_internal.post_given(p_new jsonb, p_idempotency_key text, p_actor jsonb, p_via text)
  returns table (id uuid, created boolean, owed boolean, task_object jsonb)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_unknown text;
begin
  if jsonb_typeof(p_new) <> 'object' then
    raise sqlstate 'PT422' using
      message = 'a task of a batch is an object',
      constraint = 'body_shape';
  end if;

  v_unknown := (
    select string_agg(member.key, ', ')
    from jsonb_object_keys(p_new - array[
      'schema_name', 'task', 'state', 'meta', 'external_id', 'urgency', 'tags', 'context', 'merge_key', 'respond_by',
      'respond_within', 'start_at', 'attachments']) member (key));
  if v_unknown is not null then
    raise sqlstate 'PT422' using
      message = format('a task has no %s', v_unknown),
      constraint = 'body_shape';
  end if;

  return query
    select posted.id, posted.created, posted.owed, posted.task_object
    from inbox.post_task(
      schema_name => p_new ->> 'schema_name',
      task => p_new ->> 'task',
      state => p_new ->> 'state',
      meta => nullif(p_new -> 'meta', 'null'),
      external_id => p_new ->> 'external_id',
      urgency => p_new ->> 'urgency',
      tags => inbox_internal.texts(p_new -> 'tags'),
      context => p_new -> 'context',
      merge_key => p_new ->> 'merge_key',
      respond_by => inbox_internal.time_given(p_new -> 'respond_by', 'respond_by'),
      respond_within => p_new ->> 'respond_within',
      start_at => inbox_internal.time_given(p_new -> 'start_at', 'start_at'),
      attachments => nullif(p_new -> 'attachments', 'null'),
      idempotency_key => p_idempotency_key,
      actor => p_actor,
      via => p_via) posted;
end
$$;
