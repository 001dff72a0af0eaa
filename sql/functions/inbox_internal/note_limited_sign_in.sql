-- That somebody was told to wait, at most once an hour for each address and
-- name: a stranger must not be able to fill the log.
create or replace function inbox_internal.note_limited_sign_in(p_tries app.sign_in_tries, p_name text, p_address text)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  update app.sign_in_tries tries set noted_at = now()
  where tries.who = p_tries.who and (tries.noted_at is null or tries.noted_at < now() - interval '1 hour');

  if found then
    perform inbox_internal.note(
      inbox_internal.nobody(), 'sign_in_limited', inbox_internal.name_tried(p_name),
      jsonb_build_object('by', split_part(p_tries.who, ' ', 1)), p_address);
  end if;
end
$$;
