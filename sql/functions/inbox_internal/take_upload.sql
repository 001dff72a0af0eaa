-- An uploaded file, by its id, for a task of the schema it was uploaded for. It
-- belongs to one task from then on. Before, only who uploaded it can take it: a
-- key, or one that took that key's place.
create or replace function inbox_internal.take_upload(p_task app.task, p_given jsonb, p_actor jsonb) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_file app.attachment;
  v_is_ours boolean;
begin
  if p_given ->> 'id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    -- Two posts with one upload: the second waits here, then sees whose it became.
    select file.id, file.schema_name, file.task_id, file.name, file.media_type, file.size, file.sha256, file.owner
    into v_file.id, v_file.schema_name, v_file.task_id, v_file.name, v_file.media_type, v_file.size, v_file.sha256, v_file.owner
    from app.attachment file where file.id = (p_given ->> 'id')::uuid for update;

    v_is_ours := v_file.schema_name = p_task.schema_name and case
      when v_file.task_id is null then v_file.owner = inbox_internal.idempotency_owner(p_actor)
      -- The same post again: who has its external id has its files.
      else v_file.task_id = p_task.id or exists (
        select from app.task first
        where first.id = v_file.task_id
          and first.schema_name = p_task.schema_name
          and first.ttype = p_task.ttype
          and first.external_id = p_task.external_id)
    end;
  end if;

  if v_is_ours is not true then
    raise sqlstate 'PT422' using
      message = format('there is no upload "%s" of yours for this schema that no other task has', left(p_given ->> 'id', 60)),
      column = 'attachments',
      constraint = 'upload_exists';
  end if;

  update app.attachment file set task_id = p_task.id where file.id = v_file.id and file.task_id is null;

  return jsonb_build_object(
    'id', v_file.id,
    'name', coalesce(inbox_internal.file_name(p_given ->> 'name'), v_file.name),
    'url', (
      select setting.value || '/attachments/' || v_file.id from app.setting setting where setting.name = 'public_url'),
    'media_type', v_file.media_type,
    'size', v_file.size,
    'sha256', encode(v_file.sha256, 'hex'));
end
$$;
