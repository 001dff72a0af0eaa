-- Keeps a setting that SQL needs, such as the public URL.
create or replace function inbox_internal.write_setting(p_name text, p_value text) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  insert into app.setting (name, value) values (p_name, p_value)
  on conflict (name) do update set value = excluded.value where setting.value <> excluded.value
$$;
