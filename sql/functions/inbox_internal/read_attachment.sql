-- A file for who may see its task, and before it has one for who uploaded it.
-- Without its content for who has it already, by its hash ("*": whatever it is).
create or replace function inbox_internal.read_attachment(p_attachment_id uuid, p_actor jsonb, p_known text[])
  returns table (name text, media_type text, sha256 text, data bytea)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_task_id uuid;
  v_owner text;
begin
  perform inbox_internal.check_right(p_actor, 'read');

  select file.task_id, file.owner into v_task_id, v_owner from app.attachment file where file.id = p_attachment_id;

  if (case
    when v_task_id is null then v_owner = inbox_internal.idempotency_owner(p_actor)
    else (select inbox_internal.task_visible(task, p_actor) from app.task task where task.id = v_task_id)
  end) is not true then
    raise sqlstate 'PT404' using
      message = format('there is no attachment "%s"', p_attachment_id),
      constraint = 'attachment_exists';
  end if;

  return query
    select file.name, file.media_type, encode(file.sha256, 'hex'),
      case when not array[encode(file.sha256, 'hex'), '*'] && p_known then file.data end
    from app.attachment file where file.id = p_attachment_id;
end
$$;
