-- Writes down what happened to a task and, when its type tells the application
-- of such events, what is now owed: in the transaction of the change itself, so
-- that neither can be without the other. What is held is owed from the end of
-- its undo window on. Returns whether a delivery is owed.
create or replace function inbox_internal.record_event(
  p_task app.task,
  p_kind text,
  p_type text,
  p_actor jsonb,
  p_via text,
  p_from_state text,
  p_args jsonb,
  p_comment text
) returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_event app.event;
begin
  v_event.id := app.uuid_v7();
  v_event.task_id := p_task.id;
  v_event.sequence := p_task.sequence;
  v_event.version := p_task.version;
  v_event.at := now();
  v_event.kind := p_kind;
  v_event.actor := p_actor;
  v_event.via := p_via;
  v_event.from_state := p_from_state;
  v_event.to_state := p_task.state;
  v_event.args := p_args;
  v_event.comment := p_comment;
  v_event.held_until := p_task.held_until;

  if exists (select from app.task_type type where type.id = p_task.task_type_id and p_type = any (type.webhooks)) then
    v_event.type := p_type;
    -- By the time it is sent it is not held any more.
    p_task.held_until := null;
    v_event.body := inbox_internal.webhook_body(p_task, v_event);

    -- The type's own address before the schema's.
    select endpoint.id into v_event.endpoint_id
    from app.endpoint endpoint
    where endpoint.schema_name = p_task.schema_name
      and (endpoint.task_type = p_task.ttype or endpoint.task_type is null)
      and endpoint.url is not null
    order by endpoint.task_type nulls last
    limit 1;
  end if;

  insert into app.event select v_event.*;
  perform inbox_internal.wake('task_inbox_tasks');

  if v_event.endpoint_id is null then
    return false;
  end if;

  perform inbox_internal.owe_delivery(
    v_event.id, v_event.endpoint_id, p_task.id, v_event.sequence, coalesce(v_event.held_until, now()));
  return true;
end
$$;
