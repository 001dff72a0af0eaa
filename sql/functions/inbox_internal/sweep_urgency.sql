-- Once a minute, by one server: tasks whose urgency depends on the time.
create or replace function inbox_internal.sweep_urgency() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task;
begin
  if not exists (select from app.task_type type where type.urgency_by_time) then
    return;
  end if;

  insert into app.setting as setting (name, value) values ('urgency_swept_at', now()::text)
  on conflict (name) do update set value = excluded.value
  where setting.value::timestamptz < now() - interval '1 minute';
  if not found then
    return;
  end if;

  for v_task in
    select open.*
    from app.task open
    join app.task_type type on type.id = open.task_type_id
    where open.resolved_at is null
      and open.merged_into is null
      and type.urgency_by_time
      and inbox_internal.urgency_by_rules(open, type.urgency_rules) > open.urgency
    for update of open skip locked
  loop
    v_task.urgency := inbox_internal.urgency_by_rules(v_task, (
      select type.urgency_rules from app.task_type type where type.id = v_task.task_type_id));
    perform inbox_internal.write_task(
      v_task, 'raised', null, '{"kind": "rule", "id": "urgency", "name": "urgency"}', 'rule', false,
      jsonb_build_object('urgency', v_task.urgency));
  end loop;
end
$$;
