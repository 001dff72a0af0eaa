-- A password was wrong; begin_sign_in has counted it.
create or replace function inbox_internal.fail_sign_in(p_name text, p_address text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.note(
    inbox_internal.nobody(), 'sign_in_failed', inbox_internal.name_tried(p_name), null, p_address);
end
$$;
