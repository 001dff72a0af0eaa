-- Deletes uploads that no task took within a day.
create or replace function inbox_internal.forget_uploads() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  delete from app.attachment loose where loose.task_id is null and loose.created_at < now() - interval '1 day';
end
$$;
