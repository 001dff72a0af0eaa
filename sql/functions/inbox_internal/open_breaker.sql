-- The endpoint with its breaker open, or open again for twice as long.
create or replace function inbox_internal.open_breaker(p_endpoint app.endpoint, p_schedule float8[]) returns app.endpoint
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_first float8 := p_schedule[least(2, cardinality(p_schedule))];
  v_most float8 := greatest(v_first, p_schedule[least(4, cardinality(p_schedule))]);
begin
  p_endpoint.state := 'open';
  p_endpoint.opened_at := now();
  p_endpoint.open_until := now()
    + least(v_most, v_first * 2 ^ least(p_endpoint.opened, 30)) * (0.8 + 0.4 * random()) * interval '1 second';
  p_endpoint.opened := p_endpoint.opened + 1;
  return p_endpoint;
end
$$;
