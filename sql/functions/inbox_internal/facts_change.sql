-- What was filled in on the page of facts as a change for change_task, with nothing
-- in it that is there already; null: all of it is. `meta` lists {path, value}, where
-- a value of null takes the fact away; urgency, respond_by and tags are as in a change.
create or replace function inbox_internal.facts_change(p_task_id uuid, p_given jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_task app.task;
  v_change jsonb := p_given - 'meta';
  v_meta jsonb;
  v_patch jsonb;
  v_given jsonb;
  v_path text[];
begin
  select task.* into strict v_task from app.task task where task.id = p_task_id;

  v_meta := v_task.meta;
  -- What lies within another comes after it.
  for v_given in
    select given.value from jsonb_array_elements(p_given -> 'meta') with ordinality as given (value, place)
    order by jsonb_array_length(given.value -> 'path'), given.place
  loop
    v_path := array(select jsonb_array_elements_text(v_given -> 'path'));
    v_meta := inbox_internal.with_fact(v_meta, v_path, v_given -> 'value');
    v_patch := inbox_internal.merge_diff(v_task.meta, v_meta);

    if coalesce(v_meta #> v_path, 'null') <> v_given -> 'value' then
      perform inbox_internal.refuse_fact(v_path, 'has no place: what it belongs to is no object');
    elsif inbox_internal.merge_patch(v_task.meta, v_patch) <> v_meta then
      -- A merge patch has no words for it: there, null takes away.
      perform inbox_internal.refuse_fact(v_path, 'cannot get a member that is null; leave it out');
    end if;
  end loop;

  if v_meta <> v_task.meta then
    v_change := v_change || jsonb_build_object('meta', v_patch);
  end if;
  if v_change ->> 'urgency' = v_task.urgency::text then
    v_change := v_change - 'urgency';
  end if;
  if v_change ? 'tags' and inbox_internal.texts(v_change -> 'tags') = v_task.tags then
    v_change := v_change - 'tags';
  end if;
  if v_change ? 'respond_by'
    and inbox_internal.time_given(v_change -> 'respond_by', 'respond_by') is not distinct from v_task.respond_by
  then
    v_change := v_change - 'respond_by';
  end if;
  return nullif(v_change, '{}');
end
$$;
