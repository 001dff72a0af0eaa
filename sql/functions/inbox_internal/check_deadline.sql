-- Refuses a deadline that has passed already.
create or replace function inbox_internal.check_deadline(p_respond_by timestamptz) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_respond_by <= now() then
    raise sqlstate 'PT422' using
      message = '"respond_by" lies in the past',
      column = 'respond_by',
      constraint = 'respond_by_future';
  end if;
end
$$;
