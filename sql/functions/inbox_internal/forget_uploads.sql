-- Deletes uploads that no task took within a day, some at a time, and none that a
-- post is just taking.
create or replace function inbox_internal.forget_uploads() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  delete from app.attachment loose
  where loose.id = any (array(
    select old.id from app.attachment old
    where old.task_id is null and old.created_at < now() - interval '1 day'
    limit 100
    for update skip locked));
end
$$;
