-- The text that is signed and sent for one event (Standard Webhooks 1.0).
-- Over 20 KB the facts are left out, and the second copy of the poster's context;
-- the receiver reads them with GET.
create or replace function inbox_internal.webhook_body(p_task app.task, p_event app.event) returns text
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_task jsonb := inbox_internal.task_object(p_task);
  v_body jsonb := jsonb_build_object(
    'type', p_event.type,
    'timestamp', p_event.at,
    'data', jsonb_build_object(
      'task', v_task,
      'ttype', p_task.ttype,
      'schema', p_task.schema_name,
      'schema_version', p_task.schema_version,
      'state', p_event.to_state,
      'previous_state', p_event.from_state,
      'resolved', p_task.resolved_at is not null,
      'sequence', p_event.sequence,
      'version', p_event.version,
      'actor', p_event.actor,
      'via', p_event.via,
      'seen', p_event.seen,
      'args', p_event.args,
      'comment', p_event.comment,
      'external_id', p_task.external_id,
      'context', p_task.context));
begin
  -- A receiver written for the first task-inbox reads these two.
  if exists (
    select from app.task_type type
    join app.schema_version version on version.id = type.schema_version_id
    where type.id = p_task.task_type_id and version.definition #>> '{hook_auth,kind}' = 'head'
  ) then
    v_body := v_body || jsonb_build_object('task', v_task, 'ttype', p_task.ttype);
  end if;

  if octet_length(v_body::text) > 20480 then
    v_body := jsonb_set(v_body, '{data,task}', v_task || '{"meta": null, "context": null, "meta_omitted": true}');
    if v_body ? 'task' then
      v_body := jsonb_set(v_body, '{task}', v_body #> '{data,task}');
    end if;
  end if;

  return v_body::text;
end
$$;
