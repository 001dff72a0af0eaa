-- Who may call what over SQL. Runs after the functions, in their transaction.
-- The server is the owner and needs no grant; tables are granted to nobody.
revoke all on all functions in schema app, inbox, inbox_internal from public;

do $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = 'task_inbox_poster') then
    grant usage on schema inbox to task_inbox_poster;
    grant execute on function
      inbox.post_task, inbox.post_tasks, inbox.get_task, inbox.list_tasks, inbox.change_task, inbox.withdraw_task,
      inbox.add_comment, inbox.assign_task, inbox.form_errors
      to task_inbox_poster;
  end if;

  if exists (select from pg_catalog.pg_roles where rolname = 'task_inbox_operator') then
    -- Not undo_task: what a person says at psql is never held.
    grant usage on schema inbox to task_inbox_operator;
    grant execute on function
      inbox.set_task_state, inbox.get_task, inbox.list_tasks, inbox.allowed_moves, inbox.allowed_verbs,
      inbox.task_history, inbox.change_task, inbox.reopen_task, inbox.add_comment, inbox.claim_task, inbox.release_task,
      inbox.assign_task, inbox.snooze_task, inbox.tick_item, inbox.form_errors
      to task_inbox_operator;
  end if;

  if exists (select from pg_catalog.pg_roles where rolname = 'task_inbox_reporting') then
    grant usage on schema reporting to task_inbox_reporting;
    grant select on all tables in schema reporting to task_inbox_reporting;
  end if;
end
$$;
