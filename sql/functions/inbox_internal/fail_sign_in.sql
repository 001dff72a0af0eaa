-- A password was wrong; begin_sign_in has counted it. The means say whether it was
-- typed at the sign-in page or where its person is signed in already.
create or replace function inbox_internal.fail_sign_in(p_name text, p_means text, p_address text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.note(
    inbox_internal.nobody(), 'sign_in_failed', inbox_internal.name_tried(p_name),
    jsonb_build_object('means', p_means), p_address);
end
$$;
