-- The actor of what somebody did before they were known.
create or replace function inbox_internal.nobody() returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object('kind', 'nobody', 'id', '', 'name', 'nobody');
end
$$;
