-- For whom a link would sign in; nothing when it is used, expired or unknown.
create or replace function inbox_internal.login_link_person(p_token_hash bytea) returns table (name text)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
as $$
  select person.name
  from app.login_link link
  join app.person person on person.id = link.person_id
  where link.token_hash = p_token_hash
    and link.used_at is null
    and link.expires_at > now()
    and person.disabled_at is null
$$;
