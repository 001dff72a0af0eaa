-- Whether look_at_clock has something to do.
create or replace function inbox_internal.has_late_tasks() returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
      select from app.task due
      where due.resolved_at is null and due.late_at is null and due.respond_by <= now() and due.merged_into is null)
    or exists (select from app.task_type type where type.urgency_by_time) and coalesce((
      select setting.value::timestamptz < now() - interval '1 minute'
      from app.setting setting where setting.name = 'urgency_swept_at'), true);
end
$$;
