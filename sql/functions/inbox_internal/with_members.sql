-- What was decided of a merged task happens to each post behind it, so that every
-- application hears of its own: one event and one webhook a member.
create or replace function inbox_internal.with_members(
  p_lead app.task, p_kind text, p_type text, p_actor jsonb, p_via text, p_args jsonb, p_comment text, p_hold interval
) returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_member app.task;
  v_result app.verb_result;
  v_owed boolean := false;
begin
  if p_lead.merged_count = 0 then
    return false;
  end if;

  for v_member in
    select member.* from app.task member
    where member.merged_into = p_lead.id and member.resolution is distinct from 'withdrawn'
    order by member.id
    for update
  loop
    if p_kind = 'reopened' then
      v_member := inbox_internal.reopened(v_member);
    else
      v_member := inbox_internal.moved(v_member, p_lead.state, p_actor, p_lead.resolution);
    end if;

    -- An escalation ends the deadline, and of who leads next too.
    if p_kind = 'expired' and p_lead.resolution is null then
      v_member.respond_by := null;
      v_member.respond_left := null;
    end if;

    -- On a line of its own: "or" does not look at its right side once the left is true.
    v_result := inbox_internal.write_task(
      v_member, p_kind, p_type, p_actor, p_via, true, p_args, p_comment, p_hold);
    v_owed := v_owed or v_result.owed;
  end loop;

  return v_owed;
end
$$;
