-- How long a worker may take for a delivery it has claimed: four attempts' time.
create or replace function inbox_internal.lease() returns interval
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return interval '60 seconds';
end
$$;
