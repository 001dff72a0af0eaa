-- Writes down what happened to a task and, when its type tells the application
-- of such events, what is now owed: in the transaction of the change itself, so
-- that neither can be without the other. What is held is owed from the end of
-- its undo window on. Returns whether a delivery is owed.
create or replace function inbox_internal.record_event(p_task app.task, p_event app.event) returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  p_event.id := app.uuid_v7();
  p_event.task_id := p_task.id;
  p_event.sequence := p_task.sequence;
  p_event.version := p_task.version;
  p_event.at := now();
  p_event.to_state := p_task.state;

  if inbox_internal.told_of(p_task.task_type_id, p_event.type) then
    -- By the time it is sent it is not held any more.
    p_task.held_until := null;
    p_event.body := inbox_internal.webhook_body(p_task, p_event);

    -- The type's own address before the schema's.
    select endpoint.id into p_event.endpoint_id
    from app.endpoint endpoint
    where endpoint.schema_name = p_task.schema_name
      and (endpoint.task_type = p_task.ttype or endpoint.task_type is null)
      and endpoint.url is not null
    order by endpoint.task_type nulls last
    limit 1;
  else
    p_event.type := null;
  end if;

  insert into app.event select p_event.*;
  perform inbox_internal.wake('task_inbox_tasks');

  if p_event.endpoint_id is null then
    return false;
  end if;

  perform inbox_internal.owe_delivery(
    p_event.id, p_event.endpoint_id, p_task.id, p_event.sequence, coalesce(p_event.held_until, now()));
  return true;
end
$$;
