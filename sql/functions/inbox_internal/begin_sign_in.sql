-- Before a password is checked: counts the try as failed, or says how long to
-- wait. An address has 20 an hour. A name that somebody gets wrong waits 1, 3, 5,
-- at last 10 seconds after each, known or not; but not from where its person
-- signed in before, so that strangers cannot keep them out. What is under way
-- counts, so that many tries at once are no more than one after another.
create or replace function inbox_internal.begin_sign_in(p_name text, p_address text, p_group text)
  returns table (person_id int, password_hash text, wait_seconds int)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_by_address app.sign_in_tries := inbox_internal.sign_in_tries('address ' || p_group, interval '1 hour');
  v_by_name app.sign_in_tries;
  v_person app.person;
  v_until timestamptz;
begin
  v_by_name := inbox_internal.sign_in_tries(
    'name ' || encode(sha256(convert_to(p_name, 'UTF8')), 'hex'), interval '1 day');

  select person.* into v_person
  from app.person person
  where person.name = p_name and person.disabled_at is null and person.password_hash is not null;

  if v_by_address.failures >= 20 then
    v_until := v_by_address.since + interval '1 hour';
  elsif not exists (
    select from app.known_address known
    where known.person_id = v_person.id and known.address = p_group and known.last_at > now() - interval '90 days'
  ) then
    v_until := v_by_name.last_at + case
      when v_by_name.failures >= 25 then interval '10 seconds'
      when v_by_name.failures >= 9 then interval '5 seconds'
      when v_by_name.failures >= 3 then interval '3 seconds'
      when v_by_name.failures >= 1 then interval '1 second'
    end;
  end if;

  if v_until > clock_timestamp() then
    perform inbox_internal.note_limited_sign_in(
      case when v_by_address.failures >= 20 then v_by_address else v_by_name end, p_name, p_address);
    return query select null::int, null::text, ceil(extract(epoch from v_until - clock_timestamp()))::int;
    return;
  end if;

  update app.sign_in_tries tries set
    failures = tries.failures + 1,
    since = case when tries.failures = 0 then clock_timestamp() else tries.since end,
    last_at = clock_timestamp()
  where tries.who in (v_by_address.who, v_by_name.who);
  return query select v_person.id, v_person.password_hash, null::int;
end
$$;
