-- What was settled, newest first.
create or replace function inbox_internal.done_page(
  p_actor jsonb, p_filter jsonb, p_before_at timestamptz, p_before_id uuid, p_limit int
) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_custom_plan
  set timezone = 'UTC'
as $$
declare
  v_schemas text[] := inbox_internal.schemas_seen(p_actor);
  v_rows jsonb;
begin
  select coalesce(jsonb_agg(inbox_internal.task_row(task, 3) order by task.resolved_at desc, task.id desc), '[]')
  into v_rows
  from (
    select done.* from app.task done
    where done.resolved_at is not null
      and done.merged_into is null
      and done.schema_name = any (v_schemas)
      and (p_filter ->> 'schema' is null or done.schema_name = p_filter ->> 'schema')
      and (p_filter ->> 'type' is null or done.ttype = p_filter ->> 'type')
      and inbox_internal.filtered(done, p_filter, p_actor)
      and (p_filter ->> 'q' is null or done.search @@ inbox_internal.search_query(p_filter ->> 'q'))
      and (p_before_id is null or (done.resolved_at, done.id) < (p_before_at, p_before_id))
    order by done.resolved_at desc, done.id desc
    limit p_limit + 1
  ) task;

  return inbox_internal.page_shell(p_actor) || jsonb_build_object(
    'rows', v_rows, 'choices', inbox_internal.filter_choices(p_filter, v_schemas));
end
$$;
