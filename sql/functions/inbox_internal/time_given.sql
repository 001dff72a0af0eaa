-- A time as it stands in JSON (RFC 3339); null is none.
create or replace function inbox_internal.time_given(p_value jsonb, p_column text) returns timestamptz
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(jsonb_typeof(p_value), 'null') = 'null' then
    return null;
  end if;

  if inbox_internal.json_errors('{"type": "string", "format": "date-time", "x-kind": "datetime"}', p_value, '') <> '[]' then
    raise sqlstate 'PT422' using
      message = format('"%s" is a time with an offset, such as "2026-12-01T09:30:00Z"', p_column),
      column = p_column,
      constraint = 'time_form';
  end if;

  return inbox_internal.instant_written(p_value #>> '{}');
end
$$;
