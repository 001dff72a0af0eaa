-- A try that begin_sign_in counted was none: the password was right, which ends
-- its name's wait, or it was never checked.
create or replace function inbox_internal.forgive_sign_in(p_name text, p_group text, p_was_right boolean) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- In the order of begin_sign_in.
  update app.sign_in_tries tries set failures = greatest(tries.failures - 1, 0)
  where tries.who = inbox_internal.address_tried(p_name, p_group);

  update app.sign_in_tries tries set failures = case when p_was_right then 0 else greatest(tries.failures - 1, 0) end
  where tries.who = 'name ' || encode(sha256(convert_to(p_name, 'UTF8')), 'hex');
end
$$;
