-- The whole life of a task: deadlines, claims, snoozing, merging, attachments.

alter table app.task_type
  -- Pending states in which a deadline of respond_within stands still.
  add column paused_states text[] not null default '{}',
  -- Seconds from start_at or else the post; null: no deadline.
  add column respond_within int,
  -- Where a task goes when nobody answered in time; null: it stays open and is late.
  add column on_expire text,
  add column reopen text not null default 'never' constraint reopen_known check (reopen in ('never', 'admin', 'anyone')),
  -- Seconds that a claim holds; 0: there are no claims.
  add column claim_for int not null default 900,
  -- {"to": handle} or {"round_robin": [handles]}; null: nobody.
  add column assign jsonb,
  -- Who may decide, claim and be assigned, besides admins; null: everybody.
  add column candidates text[],
  -- A JSON Pointer into the facts; null: only posts with a merge_key are merged.
  add column merge_key text,
  -- [{"when": jsonpath, "set": urgency}], the first match counts.
  add column urgency_rules jsonb not null default '[]',
  -- A rule looks at the clock: see sweep_urgency.
  add column urgency_by_time boolean not null default false,
  -- [{"name", "label", "required"}], to be ticked by people.
  add column checklist jsonb not null default '[]';

alter table app.task_state
  -- JSON Schema of the arguments; null: it takes none.
  add column form jsonb,
  -- What each reason prefills the comment with.
  add column reason_texts jsonb not null default '{}';

-- Whose turn it is to be assigned, by task type.
create table app.assign_turn (
  schema_name text not null,
  ttype text not null,
  given int not null default 1,
  primary key (schema_name, ttype)
);

alter table app.task
  -- Nobody is shown the task before; null: from the start.
  add column start_at timestamptz,
  -- By when an answer is wanted; null: no deadline, or it stands still just now.
  add column respond_by timestamptz,
  -- It came from respond_within: paused states shift it.
  add column deadline_moves boolean not null default false,
  -- What was left of it when a paused state began; null: it runs.
  add column respond_left interval,
  -- When it was noted that the deadline had passed; null: it has not.
  add column late_at timestamptz,
  -- For everybody until then; null, or in the past: not snoozed.
  add column snoozed_until timestamptz,
  -- A person's name; null: nobody's.
  add column assignee text,
  -- Who is at it; counts until claimed_until only.
  add column claimed_by text,
  add column claimed_until timestamptz,
  add column merge_key text,
  -- The task people see in its place; null: itself.
  add column merged_into uuid,
  -- How many tasks are merged into this one.
  add column merged_count int not null default 0,
  -- [{"id", "name", "url", "media_type", "size", "sha256"}]
  add column attachments jsonb not null default '[]',
  -- [{"name", "label", "required", "done_at", "done_by"}]
  add column checklist jsonb not null default '[]',
  -- Title, external id and facts, for the search field.
  add column search tsvector,
  add constraint claim_whole check ((claimed_by is null) = (claimed_until is null));

drop index app.task_open, app.task_open_type, app.task_done;
create index task_open on app.task (urgency desc, posted_at, id) where resolved_at is null and merged_into is null;
create index task_open_type on app.task (schema_name, ttype, urgency desc, posted_at, id)
  where resolved_at is null and merged_into is null;
create index task_done on app.task (resolved_at desc, id desc) where resolved_at is not null and merged_into is null;
create index task_due on app.task (respond_by) where resolved_at is null and late_at is null and respond_by is not null;
create index task_merge on app.task (schema_name, ttype, merge_key)
  where merge_key is not null and resolved_at is null and merged_into is null;
create index task_members on app.task (merged_into) where merged_into is not null;
create index task_assignee on app.task (assignee) where resolved_at is null and assignee is not null;
create index task_search on app.task using gin (search);

alter table app.event
  -- {"version", "digest"}: what the decider saw; null: a rule decided, or nothing was.
  add column seen jsonb,
  -- What a held move changed, as it was: what applications still see, and what undo
  -- gives back. Null: it was not held.
  add column before jsonb;

-- A held move of before had nothing else that it changed.
update app.event event set before = jsonb_build_object(
  'state', event.from_state, 'resolved_at', null, 'resolved_by', null, 'resolution', null)
where event.held_until is not null;

-- Files; in the database, so that one backup has everything.
create table app.attachment (
  id uuid primary key default app.uuid_v7(),
  schema_name text not null,
  -- Null until a post or a change takes it; then it is that task's.
  task_id uuid,
  name text not null constraint attachment_name check (length(name) between 1 and 200),
  -- Found in the first bytes, never taken from who sent it.
  media_type text not null,
  size int not null constraint attachment_size check (size between 1 and 5242880),
  sha256 bytea not null,
  data bytea not null,
  created_at timestamptz not null default now(),
  created_by jsonb not null,
  -- Whose it is while no task has it: see idempotency_owner.
  owner text not null
);

alter table app.attachment alter column data set storage external;
create index attachment_task on app.attachment (task_id) where task_id is not null;
create index attachment_loose on app.attachment (created_at) where task_id is null;

-- What every verb answers: whether it changed anything, whether a webhook is owed
-- now, and the task as it is after it.
create type app.verb_result as (id uuid, changed boolean, owed boolean, task_object jsonb, held_until timestamptz);
