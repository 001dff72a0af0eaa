-- What waits for a person: the most urgent first, then the oldest; with the
-- counts per type. What is snoozed, has not begun or lies behind another task is
-- not there, unless the filter asks for what is snoozed.
create or replace function inbox_internal.inbox_page(
  p_actor jsonb, p_filter jsonb, p_after_urgency text, p_after_at timestamptz, p_after_id uuid,
  p_limit int
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
  v_types jsonb;
begin
  select coalesce(jsonb_agg(inbox_internal.task_row(task, 3) order by task.urgency desc, task.posted_at, task.id), '[]')
  into v_rows
  from (
    select open.* from app.task open
    where open.resolved_at is null
      and open.merged_into is null
      and open.schema_name = any (v_schemas)
      and coalesce(open.start_at <= now(), true)
      and coalesce(open.snoozed_until > now(), false) = coalesce(p_filter ->> 'snoozed' = 'yes', false)
      and (p_filter ->> 'schema' is null or open.schema_name = p_filter ->> 'schema')
      and (p_filter ->> 'type' is null or open.ttype = p_filter ->> 'type')
      and (p_filter ->> 'q' is null or open.search @@ inbox_internal.search_query(p_filter ->> 'q'))
      and inbox_internal.filtered(open, p_filter, p_actor)
      and (p_after_id is null
        or open.urgency < p_after_urgency::app.urgency
        or open.urgency = p_after_urgency::app.urgency and (open.posted_at, open.id) > (p_after_at, p_after_id))
    order by open.urgency desc, open.posted_at, open.id
    limit p_limit + 1
  ) task;

  select coalesce(jsonb_agg(jsonb_build_object(
    'schema', waiting.schema_name, 'ttype', waiting.ttype, 'label', waiting.label, 'open', waiting.open
  ) order by waiting.open desc, waiting.label), '[]')
  into v_types
  from (
    select open.schema_name, open.ttype, count(*) as open, (
      select inbox_internal.plain_text(type.definition -> 'label', type.name)
      from app.task_type type where type.id = max(open.task_type_id)) as label
    from app.task open
    where open.resolved_at is null
      and open.merged_into is null
      and open.schema_name = any (v_schemas)
      and coalesce(open.start_at <= now(), true)
      and coalesce(open.snoozed_until <= now(), true)
    group by open.schema_name, open.ttype
  ) waiting;

  return inbox_internal.page_shell(p_actor) || jsonb_build_object(
    'rows', v_rows, 'types', v_types, 'schemas', cardinality(v_schemas),
    'choices', inbox_internal.filter_choices(p_filter, v_schemas));
end
$$;
