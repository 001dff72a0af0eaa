-- The first key of workers' advisory locks; the second is the worker's number.
create or replace function inbox_internal.worker_lock() returns int
  language sql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
  select 1953064553 -- 'tihi'
$$;
