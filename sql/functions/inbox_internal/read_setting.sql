-- What write_setting keeps; null when it never did.
create or replace function inbox_internal.read_setting(p_name text) returns text
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select setting.value from app.setting setting where setting.name = p_name
$$;
