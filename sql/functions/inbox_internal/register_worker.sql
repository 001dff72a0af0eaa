-- A number for a worker process, and a lock on it that lives as long as its
-- connection: so others notice at once when it has died. Given a number (after
-- a lost connection) it takes that lock again.
create or replace function inbox_internal.register_worker(p_worker_id int) returns int
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_worker_id int := coalesce(p_worker_id, nextval('app.worker_id')::int);
begin
  -- The old connection may not have ended yet; then it still holds the lock.
  perform pg_try_advisory_lock(inbox_internal.worker_lock(), v_worker_id);
  return v_worker_id;
end
$$;
