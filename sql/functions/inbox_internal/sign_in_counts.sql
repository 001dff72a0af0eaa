-- What a try at signing in counts for, in the order in which that is locked. For
-- its address, of IPv6 also for the /48 around it, and for its name, by a hash of
-- the server's: whether or not somebody has it is not to be told from it. But what
-- comes from a browser where that person signed in before counts for that browser
-- alone, and what is typed where they are signed in for them alone: no stranger
-- slows that, and who has not the browser's mark sees nothing of it.
create or replace function inbox_internal.sign_in_counts(
  p_name text, p_name_hash text, p_mark_hash bytea, p_address text, p_group text, p_means text
) returns text[]
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_person_id int;
  v_is_known boolean;
begin
  select person.id, known.person_id is not null into v_person_id, v_is_known
  from app.person person
  left join app.known_browser known on known.person_id = person.id and known.token_hash = p_mark_hash
  where person.name = p_name and person.disabled_at is null;

  return case
    when p_means = 'elevation' then array[format('elevation %s', v_person_id)]
    when v_is_known then array[format('browser %s person %s', encode(p_mark_hash, 'hex'), v_person_id)]
    else array_remove(
      array[
        case when family(p_address::inet) = 6 then 'network ' || network(set_masklen(p_address::inet, 48)) end,
        'address ' || p_group,
        'name ' || p_name_hash],
      null)
  end;
end
$$;
