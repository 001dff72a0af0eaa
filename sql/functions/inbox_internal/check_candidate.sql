-- Refuses a person who is not among those that decide tasks of this type; an
-- admin always is.
create or replace function inbox_internal.check_candidate(p_type app.task_type, p_actor jsonb) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_type.candidates is null
    or p_actor ->> 'kind' <> 'person'
    or p_actor ->> 'name' = any (p_type.candidates)
    or inbox_internal.is_admin(p_actor)
  then
    return;
  end if;

  raise sqlstate 'PT403' using
    message = format('only %s and admins decide tasks of this type', array_to_string(p_type.candidates, ', ')),
    constraint = 'role_needed';
end
$$;
