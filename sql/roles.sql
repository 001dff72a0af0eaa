-- Group roles for people and applications that come with SQL. Roles belong to
-- the whole cluster, so another database's migrate may be making them just
-- now; a role that may not create roles works on as the owner alone.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['task_inbox_poster', 'task_inbox_operator', 'task_inbox_reporting'] loop
    continue when exists (select from pg_catalog.pg_roles where rolname = v_role);
    begin
      execute format('create role %I nologin', v_role);
    exception
      when duplicate_object or unique_violation then
        null;
      when insufficient_privilege then
        -- The program looks afterwards which are missing, and says so.
        null;
    end;
  end loop;
end
$$;
