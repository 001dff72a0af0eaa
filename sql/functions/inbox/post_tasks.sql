-- Posts many tasks, 1 to 1,000: an array of objects with post_task's parameters. A
-- bad one does not undo the others; it says what is wrong with it. The same batch
-- with the same idempotency key finds the same tasks.
create or replace function inbox.post_tasks(
  tasks jsonb,
  idempotency_key text default null,
  actor jsonb default null,
  via text default null
) returns table (place int, status int, owed boolean, result jsonb)
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_via text := inbox_internal.acting_via(via);
  v_lock bigint;
  v_one jsonb;
  v_type app.task_type;
  v_schema_name text;
  v_posted app.verb_result;
  v_state text;
  v_code text;
  v_message text;
  v_detail text;
begin
  perform inbox_internal.check_right(v_actor, 'post');

  if jsonb_typeof(tasks) is distinct from 'array' or jsonb_array_length(tasks) not between 1 and 1000 then
    raise sqlstate 'PT422' using
      message = 'a batch has 1 to 1,000 tasks',
      column = 'tasks',
      constraint = 'batch_size';
  end if;

  -- In one order, whatever that of the tasks is: else two batches wait for each other.
  for v_lock in
    select distinct inbox_internal.merge_lock(given.value ->> 'schema_name', given.value ->> 'task', keyed.key)
    from jsonb_array_elements(tasks) given
    left join app.schema schema on schema.name = given.value ->> 'schema_name'
    left join app.task_type type
      on type.schema_version_id = schema.active_version_id and type.name = given.value ->> 'task'
    cross join lateral (
      select coalesce(
        given.value ->> 'merge_key', inbox_internal.pointed(given.value -> 'meta', type.merge_key) #>> '{}') as key
    ) keyed
    where keyed.key is not null
    union
    -- As many as there is room for in the cluster's table of locks.
    select inbox_internal.merge_lock('external id', (hashtext(given.value ->> 'external_id') & 63)::text, '')
    from jsonb_array_elements(tasks) given
    where given.value ->> 'external_id' is not null
    order by 1
  loop
    perform pg_advisory_xact_lock(v_lock);
  end loop;

  place := 0;
  for v_one in select given.value from jsonb_array_elements(tasks) given loop
    place := place + 1;
    begin
      perform inbox_internal.check_given(v_one);

      -- Most batches are of one type.
      if v_type.id is null or (v_schema_name, v_type.name) is distinct from (v_one ->> 'schema_name', v_one ->> 'task') then
        v_type := inbox_internal.type_to_post(v_actor, v_one ->> 'schema_name', v_one ->> 'task');
        v_schema_name := v_one ->> 'schema_name';
      end if;

      v_posted := inbox_internal.post_given(v_one, v_type, idempotency_key || '#' || place, v_actor, v_via);
      status := case when v_posted.changed then 201 else 200 end;
      owed := v_posted.owed;
      result := jsonb_build_object(
        'status', status,
        'id', v_posted.id,
        'task', v_posted.task_object,
        'ttype', v_type.name);
    exception
      when sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT413' or sqlstate 'PT422' then
        get stacked diagnostics
          v_state = returned_sqlstate, v_code = constraint_name, v_message = message_text, v_detail = pg_exception_detail;
        status := right(v_state, 3)::int;
        owed := false;
        result := jsonb_build_object(
          'status', status, 'problem', inbox_internal.problem(status, v_code, v_message, v_detail));
    end;
    return next;
  end loop;
end
$$;
