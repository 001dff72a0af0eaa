-- Keeps an uploaded file until a post or a change takes it. What it is was found in
-- its bytes by the server.
create or replace function inbox_internal.store_upload(
  p_actor jsonb, p_schema_name text, p_name text, p_media_type text, p_data bytea
) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_file app.attachment;
begin
  perform inbox_internal.check_right(p_actor, 'post');
  perform inbox_internal.check_schema_to_post(p_actor, p_schema_name);

  v_file.name := inbox_internal.file_name(p_name);
  if length(v_file.name) between 1 and 200 is not true then
    raise sqlstate 'PT422' using
      message = 'the name of a file has 1 to 200 characters, without its folders',
      column = 'name',
      constraint = 'attachment_name';
  end if;

  if octet_length(p_data) = 0 then
    raise sqlstate 'PT422' using
      message = 'the file is empty',
      constraint = 'attachment_size';
  end if;

  insert into app.attachment (schema_name, name, media_type, size, sha256, data, created_by, owner)
  values (
    p_schema_name, v_file.name, p_media_type, octet_length(p_data), sha256(p_data), p_data, p_actor,
    inbox_internal.idempotency_owner(p_actor))
  returning attachment.id, attachment.size, attachment.sha256 into v_file.id, v_file.size, v_file.sha256;

  return jsonb_build_object(
    'id', v_file.id,
    'name', v_file.name,
    'media_type', p_media_type,
    'size', v_file.size,
    'sha256', encode(v_file.sha256, 'hex'));
end
$$;
