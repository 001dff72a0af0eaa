-- The first admin, their sign-in link and the first API key, when nobody is
-- there yet. Replicas that start at once take turns, and one gets true.
create or replace function inbox_internal.first_start(p_link_hash bytea, p_key_prefix text, p_key_hash bytea)
  returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant jsonb := jsonb_build_object('kind', 'rule', 'id', 'first-start', 'name', 'first start');
begin
  lock table app.person in share row exclusive mode;

  if exists (select from app.person) then
    return false;
  end if;

  perform inbox_internal.create_person('admin', 'admin', null, null, v_actor);
  perform inbox_internal.create_login_link('admin', p_link_hash, interval '24 hours', v_actor);
  perform inbox_internal.create_api_key(
    'first', p_key_prefix, p_key_hash, array['read', 'post', 'resolve'], null, null, v_actor);
  return true;
end
$$;
