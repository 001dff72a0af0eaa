-- What time alone does to tasks: deadlines pass, and some become more urgent. Apart
-- from the heartbeat, which must not wait for whom a person is just deciding.
-- Gives how many deadlines have passed; 100 at once.
create or replace function inbox_internal.look_at_clock() returns int
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- The session of the heartbeat commits without waiting for the disk. An application
  -- must not hear of what a crash would undo.
  perform set_config('synchronous_commit', 'on', true);

  perform inbox_internal.sweep_urgency();
  return inbox_internal.expire_tasks();
end
$$;
