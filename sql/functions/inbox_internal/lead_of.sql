-- The task people see in place of one: of merged ones their lead, as lock_task
-- takes it for all but what belongs to one post alone.
create or replace function inbox_internal.lead_of(p_task app.task) returns app.task
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_task.merged_into is not null and p_task.resolution is distinct from 'withdrawn' then
    select lead.* into p_task from app.task lead where lead.id = p_task.merged_into;
  end if;
  return p_task;
end
$$;
