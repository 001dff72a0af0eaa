-- The tries of an address or a name, locked; none when they are older than that.
create or replace function inbox_internal.sign_in_tries(p_who text, p_kept_for interval) returns app.sign_in_tries
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_tries app.sign_in_tries;
begin
  insert into app.sign_in_tries as tries (who, failures, since, last_at)
  values (p_who, 0, clock_timestamp(), clock_timestamp())
  on conflict (who) do update set
    failures = case when tries.since < clock_timestamp() - p_kept_for then 0 else tries.failures end
  returning tries.* into v_tries;
  return v_tries;
end
$$;
