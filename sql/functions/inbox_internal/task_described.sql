-- What follows from the facts of a task: they are checked against its type, then
-- give its title, its digest, what it is found by, and how urgent its rules find it.
create or replace function inbox_internal.task_described(p_task app.task, p_type app.task_type) returns app.task
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_errors jsonb;
begin
  if jsonb_typeof(p_task.meta) <> 'object' then
    raise sqlstate 'PT422' using
      message = format('"meta" must be an object, not %s', jsonb_typeof(p_task.meta)),
      column = 'meta',
      constraint = 'meta_object';
  end if;

  v_errors := inbox_internal.meta_errors(p_type.definition, p_task.meta);
  if v_errors <> '[]' then
    raise sqlstate 'PT422' using
      message = format('%s: %s', substr(v_errors #>> '{0,pointer}', 2), v_errors #>> '{0,detail}'),
      detail = jsonb_build_object('errors', v_errors)::text,
      constraint = 'meta_valid';
  end if;

  p_task.title := inbox_internal.task_title(p_type.definition, p_type.name, p_task.meta);
  p_task.digest := encode(sha256(convert_to(
    p_task.meta::text || case when p_task.attachments <> '[]' then p_task.attachments::text else '' end, 'UTF8')), 'hex');
  p_task.search := to_tsvector('pg_catalog.simple', concat_ws(' ', p_task.title, p_task.external_id, left(p_task.meta::text, 100000)));
  p_task.urgency := inbox_internal.urgency_by_rules(p_task, p_type.urgency_rules);
  return p_task;
end
$$;
