-- Before a password is checked: counts the try as failed, or says how long to
-- wait. A browser that is known for the name has 20 an hour of its own. Of the others
-- an address has 20 an hour, an IPv6 /48 has 100 in all, and a name that somebody gets
-- wrong waits 1, 3, 5, at last 10 seconds after each, known or not. Who is signed in
-- and proves it again has 20 of their own, wherever they are. So strangers keep nobody
-- out of a browser they know, not even from behind the same address.
-- What is under way counts, so that many tries at once are no more than one after
-- another. Who is over a limit adds no row, whatever names and addresses they make up.
create or replace function inbox_internal.begin_sign_in(
  p_name text, p_name_hash text, p_mark_hash bytea, p_address text, p_group text, p_means text
) returns table (person_id int, password_hash text, counted text[], wait_seconds int)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_counted text[] := inbox_internal.sign_in_counts(
    p_name, p_name_hash, p_mark_hash, p_address, p_group, p_means);
  v_who text;
  v_tries app.sign_in_tries;
  v_until timestamptz;
  v_person app.person;
begin
  foreach v_who in array v_counted loop
    v_tries := inbox_internal.sign_in_tries(v_who);
    v_until := inbox_internal.sign_in_wait(v_tries);

    if v_until > clock_timestamp() then
      perform inbox_internal.note_limited_sign_in(v_tries, p_name, p_address);
      return query
        select null::int, null::text, null::text[], ceil(extract(epoch from v_until - clock_timestamp()))::int;
      return;
    end if;
  end loop;

  update app.sign_in_tries tries set
    failures = tries.failures + 1,
    since = case when tries.failures = 0 then clock_timestamp() else tries.since end,
    last_at = clock_timestamp()
  where tries.who = any (v_counted);

  select person.* into v_person
  from app.person person
  where person.name = p_name and person.disabled_at is null and person.password_hash is not null;
  return query select v_person.id, v_person.password_hash, v_counted, null::int;
end
$$;
