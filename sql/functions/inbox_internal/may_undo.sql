-- Whether an actor may take this decision back: who made it, and admins.
create or replace function inbox_internal.may_undo(p_event app.event, p_actor jsonb) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return p_event.actor ->> 'kind' = p_actor ->> 'kind' and p_event.actor ->> 'id' = p_actor ->> 'id'
    or inbox_internal.is_admin(p_actor);
end
$$;
