-- An uploaded file, by its id, for a task of the schema it was uploaded for. It
-- belongs to one task from then on.
create or replace function inbox_internal.take_upload(p_task app.task, p_given jsonb) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_file app.attachment;
  v_public_url text := (select setting.value from app.setting setting where setting.name = 'public_url');
begin
  update app.attachment file set task_id = p_task.id
  where file.id::text = p_given ->> 'id'
    and file.schema_name = p_task.schema_name
    and coalesce(file.task_id, p_task.id) = p_task.id
  returning file.* into v_file;

  if not found then
    raise sqlstate 'PT422' using
      message = format('there is no upload "%s" for this schema that no other task has', left(p_given ->> 'id', 60)),
      column = 'attachments',
      constraint = 'attachment_exists';
  end if;

  return jsonb_build_object(
    'id', v_file.id,
    'name', coalesce(nullif(left(p_given ->> 'name', 200), ''), v_file.name),
    'url', v_public_url || '/attachments/' || v_file.id,
    'media_type', v_file.media_type,
    'size', v_file.size,
    'sha256', encode(v_file.sha256, 'hex'));
end
$$;
