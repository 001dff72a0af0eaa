-- Does the next few hundred of the oldest replay that runs. Returns whether
-- there is more to do at once.
create or replace function inbox_internal.advance_replays() returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_replay app.replay;
  v_ids bigint[];
  v_owed bigint[];
begin
  select replay.* into v_replay
  from app.replay replay where replay.finished_at is null
  order by replay.id
  limit 1
  for update skip locked;

  if not found then
    return false;
  end if;

  v_ids := array(select inbox_internal.replay_batch(v_replay, 500));
  v_owed := inbox_internal.owe_again(v_ids, true, false);

  update app.replay replay set
    replayed = replay.replayed + cardinality(v_owed),
    -- A chain that somebody holds comes again the next time.
    last_id = coalesce(
      (select min(missed.id) - 1 from unnest(v_ids) as missed (id) where missed.id <> all (v_owed)),
      (select max(done.id) from unnest(v_ids) as done (id)),
      replay.last_id),
    finished_at = case when cardinality(v_ids) = 0 then now() end
  where replay.id = v_replay.id;

  return cardinality(v_owed) > 0;
end
$$;
