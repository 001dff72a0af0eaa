-- Notes which deadlines have passed. A task goes where its type says, or stays
-- open and is late. Whom a person is just deciding is left for the next beat: one
-- guarded update, so an answer and a deadline never both count. Gives how many
-- tasks it wrote.
create or replace function inbox_internal.expire_tasks() returns int
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task;
  v_type app.task_type;
  v_rule jsonb := jsonb_build_object('kind', 'rule', 'id', 'on_expire', 'name', 'deadline');
  v_count int := 0;
begin
  for v_task in
    select due.* from app.task due
    where due.resolved_at is null and due.late_at is null and due.respond_by <= now() and due.merged_into is null
    order by due.respond_by
    limit 100
    for update skip locked
  loop
    v_count := v_count + 1 + v_task.merged_count;
    select type.* into v_type from app.task_type type where type.id = v_task.task_type_id;
    v_task.late_at := now();
    v_task.snoozed_until := null;

    begin
      if v_type.on_expire is null or v_type.on_expire is not distinct from v_task.state then
        perform inbox_internal.write_task(v_task, 'late', null, v_rule, 'expiry', false);
      else
        perform inbox_internal.expire_task(v_task, v_type.on_expire, v_rule);
      end if;
    exception
      -- Somebody is at one of the posts merged into it.
      when lock_not_available then
        null;
      -- One that cannot go there must not keep the others from going on: it stays
      -- open, and is late.
      when others then
        raise warning 'task % cannot expire: %', v_task.id, sqlerrm;
        perform inbox_internal.write_task(v_task, 'late', null, v_rule, 'expiry', false);
    end;

    -- A look has its time: what is left has the next.
    exit when v_count >= 100;
  end loop;

  return v_count;
end
$$;
