-- Ticks an item of a task's checklist, or takes the tick back.
create or replace function inbox.tick_item(
  task_id uuid,
  item text,
  done boolean default true,
  idempotency_key text default null,
  actor jsonb default null,
  via text default null
) returns app.verb_result
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_task app.task := inbox_internal.lock_task(task_id, v_actor, 'tick');
  v_place int;
  v_done boolean := coalesce(done, true);
begin
  if inbox_internal.repeated(v_actor, idempotency_key, 'tick', task_id, jsonb_build_array(item, v_done)) then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  select entry.place - 1 into v_place
  from jsonb_array_elements(v_task.checklist) with ordinality as entry (value, place)
  where entry.value ->> 'name' = item;

  if not found then
    raise sqlstate 'PT404' using
      message = format('the task has nothing to tick called "%s"', item),
      constraint = 'action_declared';
  end if;

  perform inbox_internal.check_verb(v_task, v_actor, 'tick');

  if (v_task.checklist #>> array[v_place::text, 'done_at'] is not null) = v_done then
    return inbox_internal.unchanged(v_task, v_actor);
  end if;

  v_task.checklist := jsonb_set(v_task.checklist, array[v_place::text],
    v_task.checklist -> v_place || jsonb_build_object(
      'done_at', case when v_done then now() end, 'done_by', case when v_done then v_actor end));
  return inbox_internal.write_task(
    v_task, 'ticked', null, v_actor, inbox_internal.acting_via(via), false,
    jsonb_build_object('item', item, 'done', v_done));
end
$$;
