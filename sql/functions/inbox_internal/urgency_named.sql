-- An urgency by its name; null is none.
create or replace function inbox_internal.urgency_named(p_name text) returns app.urgency
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_name is not null and p_name <> all (enum_range(null::app.urgency)::text[]) then
    raise sqlstate 'PT422' using
      message = format('"urgency" must be one of low, normal, high, critical, not "%s"', p_name),
      column = 'urgency',
      constraint = 'urgency_known';
  end if;

  return p_name::app.urgency;
end
$$;
