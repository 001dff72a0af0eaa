-- The version an actor must have seen of a locked task. Who names a post that was
-- merged into it has seen that one: its version is looked at here, and none more.
create or replace function inbox_internal.version_seen(
  p_task_id uuid, p_task app.task, p_actor jsonb, p_settled_too boolean, p_expected_version int
) returns int
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_member app.task;
begin
  if p_expected_version is null or p_task.id = p_task_id then
    return p_expected_version;
  end if;

  select member.* into v_member from app.task member where member.id = p_task_id;
  perform inbox_internal.check_current(v_member, p_actor, p_settled_too, p_expected_version);
  return null;
end
$$;
