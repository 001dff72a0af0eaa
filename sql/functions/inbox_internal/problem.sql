-- A refusal as the API shows it (RFC 9457), where it is one of many answers.
create or replace function inbox_internal.problem(p_status int, p_code text, p_message text, p_detail text) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case when p_detail like '{%' then p_detail::jsonb else '{}' end || jsonb_build_object(
    'type', 'urn:task-inbox:problem:' || p_code,
    'title', case p_status
      when 403 then 'Forbidden' when 404 then 'Not Found' when 409 then 'Conflict' when 413 then 'Payload Too Large'
      else 'Unprocessable Entity'
    end,
    'status', p_status,
    'code', p_code,
    'detail', p_message);
end
$$;
