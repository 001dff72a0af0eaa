-- The first tables. State only: every function and view lies in sql/functions.
create schema if not exists app;
create schema inbox;
create schema inbox_internal;
create schema reporting;

comment on schema app is 'Tables. Granted to nobody: call the functions of schema inbox, read the views of schema reporting.';
comment on schema inbox is 'The SQL API: post, decide, read. Stable within a major version.';
comment on schema inbox_internal is 'Functions of the server itself: sign-in, workers, commands. Not an API.';
comment on schema reporting is 'Views for reports. Columns are added, never renamed or removed, within a major version.';

-- RFC 9562 version 7: the millisecond first, so that new rows go to the right
-- edge of their index. PostgreSQL 15 has none of its own.
create function app.uuid_v7() returns uuid
  language plpgsql
  volatile
  set search_path = pg_catalog, pg_temp
as $$
begin
  return encode(
    set_bit(
      set_bit(
        overlay(uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6),
        52, 1),
      53, 1),
    'hex')::uuid;
end
$$;

create type app.urgency as enum ('low', 'normal', 'high', 'critical');

-- One row a setting; the server writes them at start so that SQL alone can
-- build what it sends (the address of a task's page).
create table app.setting (
  name text primary key,
  value text not null
);

-- Which bundle of functions this database has.
create table app.function_bundle (
  one boolean primary key default true check (one),
  hash text not null,
  -- The program's number for the calls it makes; an older program serves only
  -- a bundle of its own number.
  api int not null,
  program_version text not null,
  applied_at timestamptz not null default now()
);

-- Schemas ----------------------------------------------------------------

create table app.schema (
  name text primary key,
  -- Null only within the transaction that uploads the first version.
  active_version_id int,
  created_at timestamptz not null default now()
);

create table app.schema_version (
  id int generated always as identity primary key,
  schema_name text not null references app.schema (name),
  semver text not null,
  -- The file, compiled and checked by the program.
  definition jsonb not null,
  -- The file as it was uploaded.
  source text not null,
  uploaded_at timestamptz not null default now(),
  uploaded_by jsonb not null,
  constraint semver_used unique (schema_name, semver)
);

alter table app.schema
  add constraint schema_active_version foreign key (active_version_id) references app.schema_version (id);

create table app.task_type (
  id int generated always as identity primary key,
  schema_version_id int not null references app.schema_version (id),
  name text not null,
  -- Label, description, title template and fields, as compiled.
  definition jsonb not null,
  -- The state of a task that is posted without one; null is "new".
  initial_state text,
  urgency app.urgency not null default 'normal',
  -- The webhook types that are told of tasks of this type.
  webhooks text[] not null,
  constraint task_type_once unique (schema_version_id, name)
);

create table app.task_state (
  task_type_id int not null references app.task_type (id),
  name text not null,
  -- The order of the file: pending states first.
  position int not null,
  resolved boolean not null,
  label jsonb,
  outcome text not null constraint outcome_known check (outcome in ('positive', 'negative', 'neutral')),
  style text not null constraint style_known check (style in ('primary', 'plain', 'danger')),
  confirm text not null constraint confirm_known check (confirm in ('no', 'yes', 'type')),
  comment text not null constraint comment_known check (comment in ('none', 'optional', 'required')),
  -- From which states one may come here; a null element is "new", null is any.
  only_from text[],
  primary key (task_type_id, name)
);

-- People and keys --------------------------------------------------------

create table app.person (
  id int generated always as identity primary key,
  name text not null
    constraint person_name_taken unique
    constraint person_name_form check (name ~ '^[a-z0-9][a-z0-9_.@+-]{0,62}$'),
  role text not null constraint role_known check (role in ('viewer', 'resolver', 'admin')),
  -- The schemas this person sees; null is all.
  schemas text[],
  -- PHC string (argon2id); null: signs in by links only.
  password_hash text,
  -- Null while the person may sign in.
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);

create table app.login_link (
  -- sha256 of the token: a dump of the database signs nobody in.
  token_hash bytea primary key,
  person_id int not null references app.person (id),
  expires_at timestamptz not null,
  -- Null until it was used; it works once.
  used_at timestamptz,
  created_at timestamptz not null default now()
);

create table app.session (
  token_hash bytea primary key,
  person_id int not null references app.person (id),
  user_agent text,
  created_at timestamptz not null default now(),
  -- Written at most every five minutes.
  seen_at timestamptz not null default now()
);

create index session_person on app.session (person_id);

create table app.api_key (
  id int generated always as identity primary key,
  name text not null,
  -- The public part, shown in lists and logs.
  prefix text not null constraint api_key_prefix unique,
  key_hash bytea not null constraint api_key_hash unique,
  scopes text[] not null
    constraint scopes_known check (scopes <@ array['read', 'post', 'resolve', 'event', 'admin'] and scopes <> '{}'),
  -- The one schema it is for; null is all.
  schema_name text references app.schema (name),
  created_at timestamptz not null default now(),
  -- Null: never.
  expires_at timestamptz,
  -- Null while it works.
  revoked_at timestamptz,
  -- Written at most once a minute; null until its first use.
  last_used_at timestamptz
);

-- Tasks ------------------------------------------------------------------

create table app.task (
  id uuid primary key default app.uuid_v7(),
  task_type_id int not null references app.task_type (id),
  -- These three never change: they are the task type's, kept here for lists,
  -- reports and webhooks.
  schema_name text not null,
  schema_version text not null,
  ttype text not null,
  title text not null,
  -- Null is "new".
  state text,
  -- Null while somebody still has to decide.
  resolved_at timestamptz,
  resolved_by jsonb,
  -- How it ended; null while it is open.
  resolution text constraint resolution_known check (resolution in ('decided', 'expired', 'withdrawn')),
  -- Counts every event of this task; the newest event has this number.
  sequence int not null default 1,
  -- The sequence of the newest event that changed what is decided: what a
  -- decider must have seen.
  version int not null default 1,
  meta jsonb not null
    constraint meta_object check (jsonb_typeof(meta) = 'object'),
  -- sha256 of what the decider sees.
  digest text not null,
  external_id text
    constraint external_id_length check (length(external_id) between 1 and 255),
  -- The poster's own; given back untouched.
  context jsonb,
  tags text[] not null default '{}',
  urgency app.urgency not null,
  posted_at timestamptz not null default now(),
  posted_by jsonb not null,
  -- sha256 of what was posted: the same post again finds its task.
  request_hash bytea not null,
  constraint resolved_whole check (
    (resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (resolution is null))
);

create index task_open on app.task (urgency desc, posted_at, id) where resolved_at is null;
create index task_open_type on app.task (schema_name, ttype, urgency desc, posted_at, id) where resolved_at is null;
create index task_done on app.task (resolved_at desc, id desc) where resolved_at is not null;
create index task_posted on app.task (posted_at desc, id desc);
create index task_type_posted on app.task (task_type_id, posted_at);
-- For ever: the application's own name for the task.
create unique index external_id_used on app.task (schema_name, ttype, external_id) where external_id is not null;

-- Everything that happened to a task, in order. Insert only, but for the body,
-- which retention may blank.
create table app.event (
  id uuid primary key default app.uuid_v7(),
  task_id uuid not null,
  sequence int not null,
  version int not null,
  at timestamptz not null default now(),
  -- posted, moved, resolved
  kind text not null,
  actor jsonb not null,
  via text not null,
  from_state text,
  to_state text,
  args jsonb,
  comment text,
  -- The webhook type; null when the application is not told of it.
  type text,
  -- The exact text that is signed and sent, frozen once; null when nobody is told.
  body text,
  constraint event_sequence unique (task_id, sequence)
);

-- The last 24 hours of idempotency keys.
create table app.idempotency_key (
  -- Who used it: an API key or a database role.
  owner text not null,
  key text not null,
  request_hash bytea not null,
  task_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (owner, key)
);

create index idempotency_key_created on app.idempotency_key (created_at);

-- Webhooks ---------------------------------------------------------------

-- Where webhooks go: one per schema and one per task type with a hook URL of
-- its own. The URL is that of the newest schema version, also for rows that wait.
create table app.endpoint (
  id int generated always as identity primary key,
  schema_name text not null references app.schema (name),
  -- Null: the schema's default.
  task_type text,
  -- Null: the newest version names none; what is still owed waits.
  url text,
  -- The extra header that carries the hook key; null with `hook_auth: standard`.
  hook_header text,
  -- disabled: the receiver answered 410. Rows are kept and go out when it is enabled.
  state text not null default 'enabled' constraint endpoint_state_known check (state in ('enabled', 'paused', 'disabled')),
  state_reason text,
  -- A fault on our side that no retry mends: the server cannot open the secret.
  -- Looked at again at every start. Null: none.
  blocked text,
  -- The receiver asked for quiet until then (Retry-After).
  quiet_until timestamptz,
  created_at timestamptz not null default now(),
  constraint endpoint_once unique nulls not distinct (schema_name, task_type)
);

-- Signing secrets and hook keys, sealed: SQL never sees the clear text.
create table app.webhook_secret (
  -- Part of what is sealed (AAD), so no ciphertext works in another row.
  id uuid primary key,
  schema_name text not null references app.schema (name),
  kind text not null constraint secret_kind_known check (kind in ('signing', 'hook_key')),
  sealed bytea not null,
  -- Null: the current one. Else an old one that signs too until then.
  expires_at timestamptz,
  created_at timestamptz not null default now()
);

create unique index secret_exists on app.webhook_secret (schema_name, kind) where expires_at is null;

-- Hot: one row a delivery that is still owed. Settling moves it to
-- app.delivery under the same id.
create table app.outbox (
  id bigint generated always as identity primary key,
  event_id uuid not null,
  endpoint_id int not null,
  task_id uuid not null,
  sequence int not null,
  created_at timestamptz not null default now(),
  -- Not before then: a retry's turn.
  due_at timestamptz not null default now(),
  -- Waits for an earlier event of the same task and endpoint.
  parked boolean not null default false,
  -- Attempts that were answered or timed out.
  failures int not null default 0,
  -- Attempts whose worker died.
  lost int not null default 0,
  -- Raised by every claim and never lowered: only the newest claim may finish.
  claim_no int not null default 0,
  -- Null while nobody works on it.
  worker_id int,
  leased_until timestamptz,
  constraint outbox_chain unique (task_id, endpoint_id, sequence)
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);

-- The lease is not indexed on purpose, so that a claim is a HOT update.
create index outbox_due on app.outbox (endpoint_id, due_at, id) where not parked;
create index outbox_parked on app.outbox (task_id, endpoint_id) where parked;
create index outbox_leased on app.outbox (worker_id) where worker_id is not null;

-- Cold: deliveries that are settled.
create table app.delivery (
  id bigint primary key,
  event_id uuid not null,
  endpoint_id int not null,
  task_id uuid not null,
  sequence int not null,
  created_at timestamptz not null,
  outcome text not null constraint delivery_outcome_known check (outcome in ('delivered', 'failed', 'void')),
  failures int not null,
  lost int not null,
  claim_no int not null,
  settled_at timestamptz not null default now()
);

create index delivery_task on app.delivery (task_id, endpoint_id, sequence);
create index delivery_settled on app.delivery (settled_at desc, id desc);

-- Every try, insert only.
create table app.attempt (
  delivery_id bigint not null,
  claim_no int not null,
  started_at timestamptz not null,
  milliseconds int,
  -- The HTTP status; null when there was no answer.
  status int,
  -- Null when it was accepted.
  error_class text constraint error_class_known check (error_class in (
    'dns', 'connect_refused', 'connect_timeout', 'tls', 'blocked', 'timeout', 'reset', 'bad_http',
    'http_3xx', 'http_4xx', 'http_410', 'http_429', 'http_5xx', 'worker_lost')),
  error text,
  remote_address text,
  -- The first 4 KiB of the answer, control characters removed.
  response text,
  primary key (delivery_id, claim_no)
);

-- Every worker process takes a number; see inbox_internal.register_worker.
create sequence app.worker_id as int cycle;
