-- Changes a person's role, or disables them; a disabled person is signed out
-- everywhere at once. One admin always remains.
create or replace function inbox_internal.change_person(p_name text, p_role text, p_disabled boolean) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person app.person := inbox_internal.person_named(p_name);
begin
  update app.person person set
    role = coalesce(p_role, person.role),
    -- Null leaves it as it is.
    disabled_at = case
      when p_disabled then coalesce(person.disabled_at, now())
      when p_disabled is null then person.disabled_at
    end
  where person.id = v_person.id;

  -- Two admins disabling each other: each update waits for the other's lock.
  perform from app.person person where person.role = 'admin' for update;
  if v_person.role = 'admin'
    and not exists (select from app.person person where person.role = 'admin' and person.disabled_at is null)
  then
    raise sqlstate 'PT409' using
      message = format('"%s" is the last admin', p_name),
      constraint = 'admin_remains';
  end if;

  if p_disabled then
    delete from app.session session where session.person_id = v_person.id;
    perform inbox_internal.void_ways_in(v_person.id);
  end if;

  if p_role is not null then
    perform inbox_internal.note(
      null, 'role_changed', p_name, jsonb_build_object('from', v_person.role, 'to', p_role));
  end if;
  if p_disabled is not null then
    perform inbox_internal.note(null, case when p_disabled then 'person_disabled' else 'person_enabled' end, p_name);
  end if;
end
$$;
