-- Tells who listens that there is something to look at. NOTIFY takes a lock
-- over the whole cluster and holds it until the commit is on disk: 244 posts/s
-- with it against 3,132 without at 32 clients. So the server's pool sets
-- task_inbox.defer_notify and sends the hint from one connection after commit;
-- a person at psql has it sent here and need know nothing of this.
create or replace function inbox_internal.wake(p_channel text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(current_setting('task_inbox.defer_notify', true), '') <> 'on' then
    perform pg_notify(p_channel, '');
  end if;
end
$$;
