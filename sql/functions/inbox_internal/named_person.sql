-- Whom a trusted proxy names, if they may sign in; nothing else.
create or replace function inbox_internal.named_person(p_name text) returns table (name text)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select person.name from app.person person where person.name = p_name and person.disabled_at is null
$$;
