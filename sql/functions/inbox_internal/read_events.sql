-- The feed: what a webhook would be sent for, whether or not it arrived, after a
-- place in it. A number is given here, after the event's commit and by one reader
-- at a time, so a reader that goes on from the last number it saw misses nothing;
-- numbers given at insert commit out of order. What can be undone has none yet.
create or replace function inbox_internal.read_events(p_actor jsonb, p_after bigint, p_limit int)
  returns table (number bigint, event_object jsonb, newest bigint)
  language plpgsql
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
  v_schemas text[] := inbox_internal.schemas_seen(p_actor);
  v_newest bigint;
begin
  perform inbox_internal.check_right(p_actor, 'read');
  perform inbox_internal.number_events();

  v_newest := coalesce((select max(event.feed_number) from app.event event where event.feed_number is not null), 0);

  if p_after > v_newest then
    raise sqlstate 'PT422' using
      message = format('there is no event %s yet, the newest is %s: was the database restored from a backup?', p_after, v_newest),
      column = 'after',
      constraint = 'feed_place';
  end if;

  return query
    select event.feed_number,
      jsonb_build_object(
        'seq', event.feed_number,
        'id', 'evt_' || replace(event.id::text, '-', ''),
        'type', event.type,
        'timestamp', event.at,
        'data', event.body::jsonb -> 'data'),
      v_newest
    from app.event event
    join app.task task on task.id = event.task_id
    where event.undone_at is null and event.feed_number > p_after and event.feed_number <= v_newest and task.schema_name = any (v_schemas)
    order by event.feed_number
    limit p_limit;

  if not found then
    return query select v_newest, null::jsonb, v_newest;
  end if;
end
$$;
