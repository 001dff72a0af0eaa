-- The posts behind the task people see: who posted each, and what differs in it.
create or replace function inbox_internal.merged_members(p_task app.task) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_definition jsonb := (select type.definition from app.task_type type where type.id = p_task.task_type_id);
  v_facts jsonb := inbox_internal.task_facts(v_definition, p_task.meta);
begin
  if p_task.merged_count = 0 then
    return '[]';
  end if;

  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', member.id,
      'posted_at', member.posted_at,
      'posted_by', member.posted_by ->> 'name',
      'external_id', member.external_id,
      'withdrawn', coalesce(member.resolution = 'withdrawn', false),
      'differs', (
        select coalesce(jsonb_agg(fact.value order by fact.place), '[]')
        from jsonb_array_elements(inbox_internal.task_facts(v_definition, member.meta))
          with ordinality as fact (value, place)
        where not v_facts @> jsonb_build_array(fact.value))
    ) order by member.posted_at, member.id), '[]')
    from (
      select every.* from app.task every where every.merged_into = p_task.id order by every.posted_at, every.id limit 50
    ) member);
end
$$;
