-- The attachments of a task as they are kept, from what was given: links
-- ({"url", "name"?}) that people follow and the server never fetches, and uploads
-- ({"id", "name"?}), which become this task's.
create or replace function inbox_internal.take_attachments(p_task app.task, p_given jsonb, p_actor jsonb) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_kept jsonb := '[]';
  v_one jsonb;
  v_errors jsonb := inbox_internal.json_errors('{
    "type": ["array", "null"], "maxItems": 20,
    "items": {
      "type": "object", "additionalProperties": false,
      "properties": {
        "id": {"type": "string"},
        "url": {"type": "string", "format": "uri", "x-kind": "url"},
        "name": {"type": ["string", "null"], "minLength": 1, "maxLength": 200}}}}', p_given, '/attachments');
begin
  if v_errors <> '[]' then
    raise sqlstate 'PT422' using
      message = format('%s: %s', substr(v_errors #>> '{0,pointer}', 2), v_errors #>> '{0,detail}'),
      detail = jsonb_build_object('errors', v_errors)::text,
      constraint = 'attachment_limits';
  end if;

  for v_one in select given.value from jsonb_array_elements(nullif(p_given, 'null')) given loop
    if v_one ? 'id' = v_one ? 'url' then
      raise sqlstate 'PT422' using
        message = 'an attachment has the "id" of an upload or a "url", not both',
        column = 'attachments',
        constraint = 'attachment_limits';
    end if;

    v_kept := v_kept || case
      when v_one ? 'id' then inbox_internal.take_upload(p_task, v_one, p_actor)
      else jsonb_build_object(
        'id', null,
        'name', coalesce(inbox_internal.file_name(v_one ->> 'name'), left(v_one ->> 'url', 200)),
        'url', v_one ->> 'url',
        'media_type', null, 'size', null, 'sha256', null)
    end;
  end loop;

  return v_kept;
end
$$;
