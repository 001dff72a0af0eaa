-- Who is acting. Only the server's own login may name somebody else; everybody
-- else is who the database knows them to be. Called by functions that run as
-- their owner, so current_user is the owner.
create or replace function inbox_internal.acting(p_actor jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_actor is not null and session_user = current_user then p_actor
    else jsonb_build_object('kind', 'sql', 'id', session_user, 'name', session_user)
  end;
end
$$;
