-- What a new task takes from others: its uploads, the person whose turn it is, and
-- the open task with the same merge key, behind which people will see it.
create or replace function inbox_internal.task_arrived(p_task app.task, p_type app.task_type, p_attachments jsonb)
  returns app.task
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_attachments is not null then
    p_task.attachments := inbox_internal.take_attachments(p_task, p_attachments, p_task.posted_by);
    p_task := inbox_internal.task_described(p_task, p_type);
  end if;

  p_task.merge_key := coalesce(p_task.merge_key, inbox_internal.pointed(p_task.meta, p_type.merge_key) #>> '{}');
  if p_task.merge_key is not null then
    p_task.merged_into := inbox_internal.lead_for(p_task);
  end if;

  if p_type.assign is not null and p_task.merged_into is null then
    p_task.assignee := inbox_internal.whose_turn(p_type, p_task.schema_name);
  end if;
  return p_task;
end
$$;
