-- Whether an actor may do what admins may: a person with the role, a key with
-- the scope, and the server's own login, which is the command line.
create or replace function inbox_internal.is_admin(p_actor jsonb) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_actor ->> 'kind'
    when 'person' then exists (
      select from app.person person
      where person.id = (p_actor ->> 'id')::int and person.role = 'admin' and person.disabled_at is null)
    when 'key' then exists (
      select from app.api_key key where key.id = (p_actor ->> 'id')::int and 'admin' = any (key.scopes))
    else session_user = current_user
  end;
end
$$;
