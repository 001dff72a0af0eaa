-- Takes a task out of those it was merged with: a member leaves one fewer, a lead
-- hands over to its oldest open member, and leads there from now on.
create or replace function inbox_internal.leave_merge(p_task app.task, p_actor jsonb, p_via text) returns app.task
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_next app.task;
begin
  if p_task.merged_into is not null then
    update app.task lead set merged_count = lead.merged_count - 1 where lead.id = p_task.merged_into;
    return p_task;
  end if;

  select member.* into v_next
  from app.task member
  where p_task.merged_count > 0 and member.merged_into = p_task.id and member.resolved_at is null
  order by member.posted_at, member.id
  limit 1
  for update;

  if not found then
    return p_task;
  end if;

  v_next.merged_into := null;
  v_next.merged_count := p_task.merged_count - 1;
  v_next.assignee := p_task.assignee;
  v_next.claimed_by := p_task.claimed_by;
  v_next.claimed_until := p_task.claimed_until;
  v_next.snoozed_until := p_task.snoozed_until;

  -- Not those withdrawn before: they lead on by way of this one. Whoever waited for
  -- one of them has it locked and may be waiting for this.
  update app.task member set merged_into = v_next.id
  where member.merged_into = p_task.id and member.resolved_at is null and member.id <> v_next.id;

  -- As join_lead: one answer is for all, so the first deadline and the highest
  -- urgency of those that are left count.
  select greatest(v_next.urgency, max(member.urgency)),
    case when v_next.respond_left is null then least(v_next.respond_by, min(member.respond_by)) end
  into v_next.urgency, v_next.respond_by
  from app.task member where member.merged_into = v_next.id and member.resolved_at is null;
  perform inbox_internal.write_task(v_next, 'promoted', null, p_actor, p_via, false);

  p_task.merged_into := v_next.id;
  p_task.merged_count := 0;
  return p_task;
end
$$;
