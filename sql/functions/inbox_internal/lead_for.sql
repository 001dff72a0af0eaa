-- The open task of the same kind and merge key that a new one goes behind, locked;
-- null when it is the first. Two posts at once: the second waits here. What a
-- person may still take back, and what has not begun, takes nobody with it. A lead
-- has at most 500 members, since one decision writes an event for each.
create or replace function inbox_internal.lead_for(p_task app.task) returns uuid
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_lead_id uuid;
begin
  if length(p_task.merge_key) not between 1 and 255 then
    raise sqlstate 'PT422' using
      message = 'a merge key has 1 to 255 characters',
      column = 'merge_key',
      constraint = 'merge_key_length';
  end if;

  perform pg_advisory_xact_lock(inbox_internal.merge_lock(p_task.schema_name, p_task.ttype, p_task.merge_key));

  -- Statements of their own, so that they see what was committed before the lock
  -- was ours. One that was settled or withdrawn while it was waited for is no lead
  -- any more; who leads in its place is found by looking again.
  loop
    select lead.id into v_lead_id
    from app.task lead
    where lead.schema_name = p_task.schema_name
      and lead.ttype = p_task.ttype
      and lead.merge_key = p_task.merge_key
      -- Of another version it may have other states.
      and lead.task_type_id = p_task.task_type_id
      and lead.merged_into is null
      and lead.resolved_at is null
      and lead.merged_count < 500
      and coalesce(lead.held_until <= now(), true)
      and coalesce(lead.start_at <= now(), true)
      and coalesce(p_task.start_at <= now(), true)
    order by lead.posted_at, lead.id
    limit 1;

    exit when v_lead_id is null;

    perform from app.task lead
    where lead.id = v_lead_id
      and lead.merged_into is null
      and lead.resolved_at is null
      and coalesce(lead.held_until <= now(), true)
    for update;
    exit when found;
  end loop;

  return v_lead_id;
end
$$;
