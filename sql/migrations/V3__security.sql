-- People, keys and secrets that stand against whom they were not meant for.

-- People: signing in, sessions, invitations, the audit log ----------------

alter table app.session
  -- What pages and commands call it; the token's hash stays here.
  add column id uuid not null default gen_random_uuid() constraint session_id unique,
  -- From where it was begun; null: before it was kept.
  add column address inet,
  -- When this person last proved who they are, here.
  add column authenticated_at timestamptz not null default now();

-- A session of before was begun when it says.
update app.session set authenticated_at = created_at;

create index session_seen on app.session (seen_at);

-- An invitation offers to choose a password.
alter table app.login_link add column invitation boolean not null default false;

-- Tries at signing in with a password that failed or are under way.
create table app.sign_in_tries (
  -- "address …", an IPv6 one as its /64, or "name " and the hash of a name,
  -- whether or not somebody has it.
  who text primary key,
  failures int not null,
  -- The first and the last of them.
  since timestamptz not null,
  last_at timestamptz not null,
  -- When a refusal was last written into the audit log; null: not yet.
  noted_at timestamptz
);

create index sign_in_tries_last on app.sign_in_tries (last_at);

-- From where a person has signed in: there a stranger's tries do not slow them.
create table app.known_address (
  person_id int not null references app.person (id),
  -- An IPv6 one as its /64.
  address text not null,
  last_at timestamptz not null default now(),
  primary key (person_id, address)
);

create index known_address_last on app.known_address (last_at);

-- Who did what that matters for security. Insert only, by privilege: also the
-- owner may not change it.
create table app.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor jsonb not null,
  action text not null,
  -- Whom or what it was done to; null: nothing but the actor.
  target text,
  detail jsonb,
  -- From where; null: not over HTTP.
  address inet
);

create index audit_action on app.audit (action, id);
create index audit_at on app.audit (at);

revoke update, delete, truncate on app.audit from current_user;

-- The number by which the log is read on, given after commit by one reader at a
-- time, as the feed's: ids commit out of order. A table of its own, since the
-- log cannot be changed.
create table app.audit_number (
  -- No foreign key: its check would lock rows of the log, which takes the right to change them.
  audit_id bigint primary key,
  -- Null until it is read.
  number bigint constraint audit_number_once unique
);

create index audit_unnumbered on app.audit_number (audit_id) where number is null;

create sequence app.audit_place;

-- API keys: rotation -----------------------------------------------------

alter table app.api_key
  -- Its successor, which has its name, scopes and schema; null: none was made.
  add column replaced_by int references app.api_key (id),
  -- The first key of its line. The idempotency keys are the line's, so that a
  -- retry with the new key finds what the old one posted. Null: it is the first.
  add column line_id int references app.api_key (id);
