-- Gives the next numbers of the feed, to events that are committed and told, in
-- the order in which they happened. The lock is held until commit: no later
-- number is seen before an earlier one. An event that somebody is just undoing,
-- or telling early, is left for the next reader: nobody waits here for a person.
create or replace function inbox_internal.number_events() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from app.event event
    where event.type is not null and event.feed_number is null and event.undone_at is null
      and (event.held_until is null or event.held_until <= now())
  ) then
    return;
  end if;

  perform pg_advisory_xact_lock(inbox_internal.worker_lock(), 0);

  -- A statement of its own, so that it sees what others numbered meanwhile.
  with fresh as materialized (
    select told.id, told.task_id, told.sequence,
      -- The millisecond of a UUID of version 7; what follows in it is random.
      left(told.id::text, 13) as millisecond
    from app.event told
    where told.type is not null and told.feed_number is null and told.undone_at is null
      and (told.held_until is null or told.held_until <= now())
    order by told.id
    limit 5000
    for update skip locked
  ), numbered as (
    select ordered.id, nextval('app.feed_number') as number
    from (
      select fresh.id from fresh
      -- The rest of the last millisecond may lie beyond the limit.
      where (select count(*) from fresh) < 5000 or fresh.millisecond < (select max(last.millisecond) from fresh last)
      order by fresh.millisecond, fresh.task_id, fresh.sequence
    ) ordered
  )
  update app.event event set feed_number = numbered.number from numbered where event.id = numbered.id;
end
$$;
