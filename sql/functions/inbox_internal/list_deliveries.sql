-- Deliveries, newest first, by any of the filters; the next page begins before
-- the last row's id. What can be undone, or was, is not for its application.
-- A state that there is not is refused: nobody would hear of a slip by an empty list.
-- The page's ids are found first, in the tables: asked of the view, a page took
-- 5 s at 300,000 deliveries; that of an owed one is told as the view tells it, for
-- the same reason. What was never claimed and lies ahead is held.
create or replace function inbox_internal.list_deliveries(
  p_actor jsonb, p_state text, p_schema_name text, p_endpoint_id int, p_task_id uuid, p_since timestamptz,
  p_until timestamptz, p_before_id bigint, p_limit int
) returns table (id bigint, delivery_object jsonb)
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  v_settled boolean := coalesce(p_state in ('delivered', 'failed', 'void'), false);
  v_key boolean := p_actor ->> 'kind' = 'key';
  v_endpoint_ids int[] := array(
    select endpoint.id from app.endpoint endpoint
    where endpoint.schema_name = any (inbox_internal.schemas_seen(p_actor))
      and (p_schema_name is null or endpoint.schema_name = p_schema_name)
      and (p_endpoint_id is null or endpoint.id = p_endpoint_id));
  v_paused int[] := array(
    select endpoint.id from reporting.endpoints endpoint where endpoint.state in ('paused', 'disabled'));
  v_blocked int[] := array(select endpoint.id from reporting.endpoints endpoint where not endpoint.sendable);
begin
  perform inbox_internal.check_right(p_actor, 'read');

  if not p_state in ('owed', 'parked', 'held', 'blocked', 'paused', 'leased', 'delivered', 'failed', 'void') then
    raise sqlstate 'PT422' using
      message = format('a delivery is never "%s"', p_state),
      column = 'state',
      constraint = 'delivery_state_known';
  end if;

  return query
    select picked.id, inbox_internal.delivery_object(picked.id)
    from (
      (
        select owed.id from app.outbox owed
        where not v_settled
          and (p_state is null or p_state = case
            when owed.claim_no = 0 and owed.due_at > now() then 'held'
            when owed.leased_until > now() then 'leased'
            when owed.endpoint_id = any (v_paused) then 'paused'
            when owed.parked then 'parked'
            when owed.endpoint_id = any (v_blocked) then 'blocked'
            else 'owed'
          end)
          and owed.endpoint_id = any (v_endpoint_ids)
          and (p_task_id is null or owed.task_id = p_task_id)
          and (p_since is null or owed.created_at >= p_since)
          and (p_until is null or owed.created_at < p_until)
          and (p_before_id is null or owed.id < p_before_id)
          and (not v_key or owed.claim_no > 0 or owed.due_at <= now())
        order by owed.id desc
        limit p_limit
      ) union all (
        select settled.id from app.delivery settled
        where (p_state is null or v_settled and settled.outcome = p_state)
          and settled.endpoint_id = any (v_endpoint_ids)
          and (p_task_id is null or settled.task_id = p_task_id)
          and (p_since is null or settled.created_at >= p_since)
          and (p_until is null or settled.created_at < p_until)
          and (p_before_id is null or settled.id < p_before_id)
          and (not v_key or settled.outcome <> 'void')
        order by settled.id desc
        limit p_limit
      )
      order by id desc
      limit p_limit
    ) picked
    order by picked.id desc;
end
$$;
