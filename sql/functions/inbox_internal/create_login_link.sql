-- A link that signs a person in once.
create or replace function inbox_internal.create_login_link(
  p_name text, p_token_hash bytea, p_valid_for interval, p_actor jsonb default null
) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person app.person := inbox_internal.person_named(p_name);
begin
  if v_person.disabled_at is not null then
    raise sqlstate 'PT409' using
      message = format('user "%s" is disabled', p_name),
      constraint = 'person_enabled';
  end if;

  insert into app.login_link (token_hash, person_id, expires_at)
  values (p_token_hash, v_person.id, now() + p_valid_for);

  perform inbox_internal.note(p_actor, 'link_made', p_name, jsonb_build_object('until', now() + p_valid_for));
end
$$;
