-- A number of days from the server's settings.
create or replace function inbox_internal.kept_for(p_setting text, p_default_days int) returns interval
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (select setting.value::int from app.setting setting where setting.name = p_setting), p_default_days) * interval '1 day';
end
$$;
