-- Whether the login is in a group role; false where the role was never made.
create or replace function inbox_internal.has_role(p_role text) returns boolean
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select pg_has_role(session_user, role.oid, 'member') from pg_catalog.pg_roles role where role.rolname = p_role),
    false)
$$;
