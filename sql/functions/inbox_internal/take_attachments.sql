-- The attachments of a task as they are kept, from what was given: links, and
-- uploads by their id, which become this task's.
create or replace function inbox_internal.take_attachments(p_task app.task, p_given jsonb) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_kept jsonb := '[]';
  v_one jsonb;
begin
  if coalesce(jsonb_typeof(p_given), 'null') = 'null' then
    return v_kept;
  end if;

  if jsonb_typeof(p_given) <> 'array' or jsonb_array_length(p_given) > 20 then
    raise sqlstate 'PT422' using
      message = '"attachments" is a list of at most 20',
      column = 'attachments',
      constraint = 'attachment_limits';
  end if;

  for v_one in select given.value from jsonb_array_elements(p_given) given loop
    v_kept := v_kept || case
      when v_one ? 'id' then inbox_internal.take_upload(p_task, v_one)
      else inbox_internal.linked_attachment(v_one)
    end;
  end loop;

  return v_kept;
end
$$;
