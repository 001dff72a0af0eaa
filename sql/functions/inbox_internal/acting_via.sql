-- By which road an act came: as acting(), only the server's own login may say.
create or replace function inbox_internal.acting_via(p_via text) returns text
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case when p_via is not null and session_user = current_user then p_via else 'sql' end;
end
$$;
