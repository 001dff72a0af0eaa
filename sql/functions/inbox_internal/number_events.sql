-- Gives the next numbers of the feed, to events that are committed and told.
-- The lock is held until commit: no later number is seen before an earlier one.
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
  update app.event event set feed_number = told.number
  from (
    select fresh.id, nextval('app.feed_number') as number
    from (
      select told.id from app.event told
      where told.type is not null and told.feed_number is null and told.undone_at is null
        and (told.held_until is null or told.held_until <= now())
      order by told.id
      limit 5000
    ) fresh
  ) told
  where event.id = told.id;
end
$$;
