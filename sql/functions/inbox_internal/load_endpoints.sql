-- Points the schema's endpoints at the addresses of its newest version; what
-- waits for an old address goes to the new one, also after a 410 or an outage: a
-- new version is somebody's word that the receiver is back. What a person has
-- paused stays so. An endpoint that is no longer named is kept without an
-- address: its rows wait and say so.
create or replace function inbox_internal.load_endpoints(p_schema_name text, p_definition jsonb) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_header text := case
    when p_definition #>> '{hook_auth,kind}' = 'head' then p_definition #>> '{hook_auth,val}'
  end;
begin
  update app.endpoint endpoint set url = null where endpoint.schema_name = p_schema_name;

  insert into app.endpoint (schema_name, task_type, url, hook_header)
  select p_schema_name, named.task_type, named.url, v_header
  from (
    select null as task_type, p_definition ->> 'hook_url' as url
    union all
    select type.value ->> 'name', type.value ->> 'hook_url'
    from jsonb_array_elements(p_definition -> 'task_types') type
  ) named
  where named.url is not null
  on conflict (schema_name, task_type) do update
    set url = excluded.url, hook_header = excluded.hook_header, blocked = null;

  perform inbox_internal.resume_endpoint(endpoint)
  from app.endpoint endpoint
  where endpoint.schema_name = p_schema_name and endpoint.url is not null and endpoint.state in ('open', 'disabled');

  perform inbox_internal.wake('task_inbox_deliveries');
end
$$;
