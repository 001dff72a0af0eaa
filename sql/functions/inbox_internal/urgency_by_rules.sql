-- How urgent a task is by the rules of its type: the first that matches counts,
-- and only ever raises. A rule that does not fit the facts does not match.
create or replace function inbox_internal.urgency_by_rules(p_task app.task, p_rules jsonb) returns app.urgency
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule jsonb;
  v_known jsonb;
begin
  if p_rules = '[]' then
    return p_task.urgency;
  end if;

  v_known := jsonb_build_object(
    'meta', p_task.meta,
    'tags', p_task.tags,
    'state', p_task.state,
    'age_s', extract(epoch from now() - p_task.posted_at)::bigint,
    'respond_in_s', extract(epoch from p_task.respond_by - now())::bigint);

  for v_rule in select rule.value from jsonb_array_elements(p_rules) rule loop
    begin
      if jsonb_path_match_tz(v_known, (v_rule ->> 'when')::jsonpath, silent => true) then
        return greatest(p_task.urgency, (v_rule ->> 'set')::app.urgency);
      end if;
    exception
      -- "silent" silences not all: not a format of datetime() that there is not.
      when others then
        null;
    end;
  end loop;

  return p_task.urgency;
end
$$;
