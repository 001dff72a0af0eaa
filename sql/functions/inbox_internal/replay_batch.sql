-- The next settled deliveries a replay is for, oldest first.
create or replace function inbox_internal.replay_batch(p_replay app.replay, p_limit int) returns setof bigint
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
begin
  return query
    select delivery.id
    from app.delivery delivery
    join app.endpoint endpoint on endpoint.id = delivery.endpoint_id
    join app.event event on event.id = delivery.event_id
    where delivery.id > p_replay.last_id
      and delivery.outcome = p_replay.outcome
      and delivery.settled_at <= p_replay.asked_at
      and endpoint.schema_name = any (p_replay.schema_names)
      and (p_replay.endpoint_id is null or delivery.endpoint_id = p_replay.endpoint_id)
      and (p_replay.since is null or delivery.created_at >= p_replay.since)
      and (p_replay.until is null or delivery.created_at < p_replay.until)
      and (p_replay.failed_since is null or delivery.settled_at >= p_replay.failed_since and not delivery.revived)
      and event.body is not null
    order by delivery.id
    limit p_limit;
end
$$;
