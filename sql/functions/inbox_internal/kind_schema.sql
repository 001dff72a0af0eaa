-- What JSON a kind of field is, as a schema for own_faults; null when it has no kind.
create or replace function inbox_internal.kind_schema(p_kind text) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_kind
    when 'text' then jsonb '{"type": "string"}'
    when 'long_text' then jsonb '{"type": "string"}'
    when 'number' then jsonb '{"type": "number"}'
    when 'integer' then jsonb '{"type": "integer"}'
    when 'money' then jsonb '{"type": "integer"}'
    when 'select' then jsonb '{"type": ["string", "number", "boolean"]}'
    when 'checkbox' then jsonb '{"type": "boolean"}'
    when 'date' then jsonb '{"type": "string", "format": "date", "x-kind": "date"}'
    when 'datetime' then jsonb '{"type": "string", "format": "date-time", "x-kind": "datetime"}'
    when 'url' then jsonb '{"type": "string", "format": "uri", "x-kind": "url"}'
    when 'email' then jsonb '{"type": "string", "format": "email", "x-kind": "email"}'
    when 'json' then jsonb '{"type": ["object", "array"]}'
  end;
end
$$;
