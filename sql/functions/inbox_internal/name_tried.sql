-- The name of a sign-in for the log. One that nobody has is not kept in any form:
-- it may be a password that was typed into the wrong field. Nobody has a name
-- with a space.
create or replace function inbox_internal.name_tried(p_name text) returns text
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((select person.name from app.person person where person.name = p_name), 'unknown name');
end
$$;
