-- Whether an actor's key or person covers this schema, and a database login
-- that may only post sees its own tasks. To whom a task is hidden it does not
-- exist.
create or replace function inbox_internal.may_see(p_actor jsonb, p_schema_name text, p_posted_by jsonb) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  case p_actor ->> 'kind'
    when 'key' then
      return exists (
        select from app.api_key key
        where key.id = (p_actor ->> 'id')::int
          and (key.schema_name is null or key.schema_name = p_schema_name));
    when 'person' then
      return exists (
        select from app.person person
        where person.id = (p_actor ->> 'id')::int
          and (person.schemas is null or p_schema_name = any (person.schemas)));
    when 'sql' then
      return session_user = current_user
        or inbox_internal.has_role('task_inbox_operator')
        or coalesce(p_posted_by ->> 'kind' = 'sql' and p_posted_by ->> 'id' = session_user, false);
    else
      return true;
  end case;
end
$$;
