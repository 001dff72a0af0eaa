-- A new person and the link by which they come in, for seven days.
create or replace function inbox_internal.invite_person(p_name text, p_role text, p_schemas text[], p_token_hash bytea)
  returns timestamptz
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_expires_at timestamptz := now() + interval '7 days';
  v_person_id int;
begin
  v_person_id := inbox_internal.create_person(p_name, p_role, p_schemas, null);

  insert into app.login_link (token_hash, person_id, expires_at, invitation)
  values (p_token_hash, v_person_id, v_expires_at, true);

  perform inbox_internal.note(null, 'person_invited', p_name, jsonb_build_object('until', v_expires_at));
  return v_expires_at;
end
$$;
