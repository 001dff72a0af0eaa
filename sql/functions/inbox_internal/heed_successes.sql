-- These endpoints accepted something: their failures are forgotten, an open
-- breaker closes, and what waited goes out, one at first and then twice as many
-- with every success. A row that somebody holds is left for the next success:
-- finishing never waits.
create or replace function inbox_internal.heed_successes(p_endpoint_ids int[]) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_endpoint app.endpoint;
begin
  for v_endpoint in
    select endpoint.* from app.endpoint endpoint
    where endpoint.id = any (p_endpoint_ids)
      and (endpoint.failures > 0 or endpoint.room < 16 or endpoint.state = 'open')
    for update skip locked
  loop
    if v_endpoint.state = 'open' then
      perform inbox_internal.resume_endpoint(v_endpoint);
    else
      update app.endpoint endpoint set
        failures = 0,
        failing_since = null,
        failed_at = null,
        room = least(16, 2 * endpoint.room)
      where endpoint.id = v_endpoint.id;
    end if;
  end loop;
end
$$;
