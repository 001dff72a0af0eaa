-- A try that begin_sign_in counted was none: the password was right, which ends
-- its name's wait, or it was never checked.
create or replace function inbox_internal.forgive_sign_in(p_counted text[], p_was_right boolean) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_who text;
begin
  -- One by one, in the order of begin_sign_in: two in each other's way would wait for ever.
  foreach v_who in array p_counted loop
    update app.sign_in_tries tries set
      failures = case when p_was_right and v_who like 'name %' then 0 else greatest(tries.failures - 1, 0) end
    where tries.who = v_who;
  end loop;
end
$$;
