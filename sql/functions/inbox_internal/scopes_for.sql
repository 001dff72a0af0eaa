-- Any of these scopes lets an API key do it. Sending a webhook
-- again ("resend") is for who posts, since it is theirs, and for admins.
create or replace function inbox_internal.scopes_for(p_right text) returns text[]
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_right in ('change', 'withdraw') then array['post']
    when p_right in ('comment', 'assign') then array['post', 'resolve']
    when p_right in ('undo', 'tick', 'claim', 'release', 'snooze') then array['resolve']
    when p_right = 'reopen' then array['resolve', 'admin']
    when p_right = 'resend' then array['post', 'admin']
    when p_right = 'redact' then array['admin']
    else array[p_right]
  end;
end
$$;
