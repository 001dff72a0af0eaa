-- Finds parked rows that nothing holds back any more, for the rare chain that
-- could not be settled in its turn.
create or replace function inbox_internal.sweep_chains() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task_ids uuid[];
  v_endpoint_ids int[];
begin
  select array_agg(free.task_id), array_agg(free.endpoint_id) into v_task_ids, v_endpoint_ids
  from (
    select distinct parked.task_id, parked.endpoint_id
    from app.outbox parked
    where parked.parked
      and not exists (
        select from app.outbox blocker
        where blocker.task_id = parked.task_id
          and blocker.endpoint_id = parked.endpoint_id
          and not blocker.parked
          and blocker.failures < 3)
    limit 1000
  ) free;

  if v_task_ids is not null then
    perform inbox_internal.settle_chains(v_task_ids, v_endpoint_ids);
  end if;
end
$$;
