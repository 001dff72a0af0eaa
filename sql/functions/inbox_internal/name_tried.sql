-- The name of a sign-in for the log. One that nobody has is kept as a hash: it
-- may be a password that was typed into the wrong field.
create or replace function inbox_internal.name_tried(p_name text) returns text
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (select person.name from app.person person where person.name = p_name),
    'unknown ' || left(encode(sha256(convert_to(p_name, 'UTF8')), 'hex'), 16));
end
$$;
