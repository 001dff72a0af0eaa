-- The hints that posts and decisions of the server's pool left to be sent.
create or replace function inbox_internal.notify_all() returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  select pg_notify('task_inbox_tasks', ''), pg_notify('task_inbox_deliveries', '');
$$;
