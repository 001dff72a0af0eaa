-- The task that already has this external id, if it was posted just so.
create or replace function inbox_internal.task_posted_as(p_task app.task, p_actor jsonb, p_idempotency_key text)
  returns app.task
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_first app.task;
begin
  select first.* into v_first
  from app.task first
  where first.schema_name = p_task.schema_name
    and first.ttype = p_task.ttype
    and first.external_id = p_task.external_id;

  if v_first.request_hash <> p_task.request_hash then
    raise sqlstate 'PT409' using
      message = format('external id "%s" belongs to another task', p_task.external_id),
      detail = jsonb_build_object('task_id', v_first.id)::text,
      constraint = 'external_id_used';
  end if;

  if p_idempotency_key is not null then
    update app.idempotency_key used set task_id = v_first.id
    where used.owner = inbox_internal.idempotency_owner(p_actor) and used.key = p_idempotency_key;
  end if;

  return v_first;
end
$$;
