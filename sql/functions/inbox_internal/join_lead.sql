-- What a post adds to the task people see in its place: that it is one more, which is
-- worth a new look, and its deadline and urgency, also when they are changed later.
create or replace function inbox_internal.join_lead(p_task app.task, p_joins boolean, p_actor jsonb, p_via text)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_lead app.task;
  v_before app.task;
begin
  select lead.* into v_lead from app.task lead where lead.id = p_task.merged_into;
  v_before := v_lead;
  v_lead.urgency := greatest(v_lead.urgency, p_task.urgency);
  -- One answer is for all: the first deadline counts.
  if v_lead.late_at is null and v_lead.respond_left is null then
    v_lead.respond_by := least(v_lead.respond_by, p_task.respond_by);
  end if;

  if p_joins then
    v_lead.merged_count := v_lead.merged_count + 1;
    v_lead.snoozed_until := null;
  elsif v_lead = v_before then
    return;
  end if;

  perform inbox_internal.write_task(
    v_lead, case when p_joins then 'merged' else 'raised' end, null, p_actor, p_via, false,
    case when p_joins then jsonb_build_object('task_id', p_task.id)
      else jsonb_build_object('urgency', v_lead.urgency) end);
end
$$;
