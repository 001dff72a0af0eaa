-- The tries that were counted for somebody, locked; none when they are of long ago.
create or replace function inbox_internal.sign_in_tries(p_who text) returns app.sign_in_tries
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_kept_for interval := case when p_who like 'name %' then interval '1 day' else interval '1 hour' end;
  v_tries app.sign_in_tries;
begin
  insert into app.sign_in_tries as tries (who, failures, since, last_at)
  values (p_who, 0, clock_timestamp(), clock_timestamp())
  on conflict (who) do update set
    failures = case when tries.since < clock_timestamp() - v_kept_for then 0 else tries.failures end
  returning tries.* into v_tries;
  return v_tries;
end
$$;
