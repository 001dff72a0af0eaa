-- Does the next few hundred of one of the replays that run, in turn. Returns
-- after how many seconds to go on; null: there is nothing to do now. While a
-- thousand wait to be sent no more are added: a fresh decision must not stand
-- behind all of them.
create or replace function inbox_internal.advance_replays() returns float8
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_replay app.replay;
  v_ids bigint[];
  v_owed bigint[];
begin
  if 1000 = (
    select count(*) from (
      select from app.outbox waiting
      where waiting.manual and waiting.endpoint_id = any (array(
        select endpoint.id from reporting.endpoints endpoint where endpoint.state = 'enabled' and endpoint.sendable))
      limit 1000
    ) waiting)
  then
    return 0.5;
  end if;

  select replay.* into v_replay
  from app.replay replay where replay.finished_at is null
  order by replay.advanced_at, replay.id
  limit 1
  for update skip locked;

  if not found then
    return null;
  end if;

  v_ids := array(select inbox_internal.replay_batch(v_replay, 500));
  v_owed := inbox_internal.owe_again(v_ids, v_replay.failed_since is null, v_replay.failed_since is not null);

  update app.replay replay set
    advanced_at = clock_timestamp(),
    replayed = replay.replayed + cardinality(v_owed),
    -- A chain that somebody holds comes again the next time.
    last_id = coalesce(
      (select min(missed.id) - 1 from unnest(v_ids) as missed (id) where missed.id <> all (v_owed)),
      (select max(done.id) from unnest(v_ids) as done (id)),
      replay.last_id),
    finished_at = case when cardinality(v_ids) = 0 then now() end
  where replay.id = v_replay.id;

  if cardinality(v_ids) = 0 then
    perform inbox_internal.clear_failure_notice(endpoint.id)
    from app.endpoint endpoint
    where endpoint.schema_name = any (v_replay.schema_names)
      and (v_replay.endpoint_id is null or endpoint.id = v_replay.endpoint_id);
  end if;

  return case when cardinality(v_owed) > 0 or cardinality(v_ids) = 0 then 0 else 0.5 end;
end
$$;
