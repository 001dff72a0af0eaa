-- Refuses to limit a person to schemas that do not exist, all of them by name: one
-- mistyped would show nothing, and a later schema of that name too much.
create or replace function inbox_internal.check_schemas(p_schemas text[]) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing text;
begin
  select string_agg(format('"%s"', given.name), ', ' order by given.place) into v_missing
  from unnest(p_schemas) with ordinality given (name, place)
  where not exists (select from app.schema schema where schema.name = given.name);

  if v_missing is not null then
    raise sqlstate 'PT404' using
      message = format('there is no schema %s', v_missing),
      constraint = 'schema_exists';
  end if;
end
$$;
