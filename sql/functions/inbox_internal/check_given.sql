-- Refuses what is no object with the parameters of inbox.post_task.
create or replace function inbox_internal.check_given(p_new jsonb) returns void
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
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
end
$$;
