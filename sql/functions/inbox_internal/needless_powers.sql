-- What the server's login may in this cluster and need not, in PostgreSQL's words;
-- null: nothing. Roles it makes once, at the first start.
create or replace function inbox_internal.needless_powers() returns text
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select string_agg(power.name, ', ' order by power.place)
  from pg_catalog.pg_roles login
  cross join lateral (values
    (1, 'SUPERUSER', login.rolsuper),
    (2, 'BYPASSRLS', login.rolbypassrls),
    (3, 'REPLICATION', login.rolreplication),
    (4, 'CREATEROLE', login.rolcreaterole and 3 = (
      select count(*) from pg_catalog.pg_roles made
      where made.rolname in ('task_inbox_poster', 'task_inbox_operator', 'task_inbox_reporting')))
  ) as power (place, name, has)
  where login.rolname = session_user and power.has
$$;
