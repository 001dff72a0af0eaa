-- An attachment that lies elsewhere: {"url", "name"?}. People follow it, the
-- server never fetches it.
create or replace function inbox_internal.linked_attachment(p_given jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_errors jsonb := inbox_internal.json_errors('{
    "type": "object", "required": ["url"], "additionalProperties": false,
    "properties": {
      "url": {"type": "string", "format": "uri", "x-kind": "url"},
      "name": {"type": ["string", "null"], "minLength": 1, "maxLength": 200}}}', p_given, '/attachments');
begin
  if v_errors <> '[]' then
    raise sqlstate 'PT422' using
      message = format('%s: %s', substr(v_errors #>> '{0,pointer}', 2), v_errors #>> '{0,detail}'),
      detail = jsonb_build_object('errors', v_errors)::text,
      constraint = 'attachment_limits';
  end if;

  return jsonb_build_object(
    'id', null,
    'name', coalesce(p_given ->> 'name', left(p_given ->> 'url', 200)),
    'url', p_given ->> 'url',
    'media_type', null, 'size', null, 'sha256', null);
end
$$;
