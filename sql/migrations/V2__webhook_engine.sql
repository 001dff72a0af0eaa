-- Undo, the breaker, replay, the feed, notices and retention.

-- Undo -------------------------------------------------------------------

-- How long a decision of a person can be taken back; null: TASK_INBOX_UNDO_SECONDS.
alter table app.task_type
  add column undo_seconds int constraint undo_seconds_range check (undo_seconds between 0 and 120);

-- Until then the newest change is not yet told to the application, and its
-- decider can take it back. Null, or in the past: told.
alter table app.task add column held_until timestamptz;
create index task_held on app.task (held_until) where held_until is not null;

alter table app.event
  -- As the task's, for the event that was held.
  add column held_until timestamptz,
  -- When it was taken back before anybody was told; null: it stands.
  add column undone_at timestamptz,
  -- Whom it is owed to; null: nobody is called, but the feed has it.
  add column endpoint_id int,
  -- Its place in the feed, given by the first who reads it; null: not yet.
  add column feed_number bigint;

create index event_feed on app.event (feed_number) where feed_number is not null;
create index event_unnumbered on app.event (id) where type is not null and feed_number is null and undone_at is null;
create index event_uncalled on app.event (at) where body is not null and endpoint_id is null;

update app.event event set endpoint_id = owed.endpoint_id
from (select event_id, endpoint_id from app.outbox union all select event_id, endpoint_id from app.delivery) owed
where owed.event_id = event.id;

create sequence app.feed_number;

-- The breaker ------------------------------------------------------------

alter table app.endpoint drop constraint endpoint_state_known;
alter table app.endpoint
  -- open: it failed five times in a row and is tried by one delivery at a time;
  -- paused: by a person; disabled: 410, or nothing was accepted for five days.
  add constraint endpoint_state_known check (state in ('enabled', 'open', 'paused', 'disabled')),
  -- Attempts in a row that failed, of any delivery.
  add column failures int not null default 0,
  -- The first of them; null when the last attempt was accepted.
  add column failing_since timestamptz,
  -- The last of them.
  add column failed_at timestamptz,
  -- How many times in a row the breaker opened, and when it last did.
  add column opened int not null default 0,
  add column opened_at timestamptz,
  -- The next probe; while one is under way, the end of its lease.
  add column open_until timestamptz,
  -- Deliveries under way at once: after an outage 1, doubled by every success.
  add column room int not null default 16 constraint room_range check (room between 1 and 16);

alter table app.outbox
  -- Asked for by a person or an application, not by the schedule.
  add column manual boolean not null default false,
  -- Had failed for good and is owed again since its receiver recovered; once only.
  add column revived boolean not null default false;

-- Deliveries that took two workers with them; see claim_deliveries.
create index outbox_suspect on app.outbox (id) where lost >= 2;
create index outbox_manual on app.outbox (id) where manual;

alter table app.delivery add column revived boolean not null default false;

drop index app.delivery_settled;
create index delivery_done on app.delivery (settled_at) where outcome <> 'failed';
create index delivery_failed on app.delivery (settled_at) where outcome = 'failed';
create index delivery_failed_id on app.delivery (id) where outcome = 'failed';
create index delivery_void on app.delivery (id) where outcome = 'void';

alter table app.attempt
  add column trigger text not null default 'auto' constraint trigger_known check (trigger in ('auto', 'manual'));

-- A second secret of a kind is an old one within its grace; there is one at most.
create unique index secret_rotated on app.webhook_secret (schema_name, kind) where expires_at is not null;

-- Sending many again, some hundred at a time.
create table app.replay (
  id int generated always as identity primary key,
  asked_at timestamptz not null default now(),
  asked_by jsonb not null,
  outcome text not null constraint replay_outcome check (outcome in ('failed', 'delivered')),
  -- Those its asker sees.
  schema_names text[] not null,
  -- Null: all of these schemas.
  endpoint_id int,
  -- By when the delivery was made; null: without end.
  since timestamptz,
  until timestamptz,
  -- Only what failed for good since then and was not revived before: a receiver
  -- is back. Null: somebody asked.
  failed_since timestamptz,
  -- All deliveries up to this one are done.
  last_id bigint not null default 0,
  replayed int not null default 0,
  -- Replays take turns.
  advanced_at timestamptz not null default now(),
  finished_at timestamptz
);

create index replay_running on app.replay (id) where finished_at is null;

-- What operators must hear of: a line in the log, a banner on every page, and a
-- message to TASK_INBOX_NOTICE_URL.
create table app.notice (
  id int generated always as identity primary key,
  kind text not null constraint notice_kind_known check (kind in ('delivery_failed', 'endpoint_disabled')),
  endpoint_id int not null references app.endpoint (id),
  text text not null,
  raised_at timestamptz not null default now(),
  -- Null: nobody was told yet; then the next try and how many there were.
  told_at timestamptz,
  try_at timestamptz not null default now(),
  tries int not null default 0,
  -- Null while it stands.
  cleared_at timestamptz
);

create unique index notice_standing on app.notice (kind, endpoint_id) where cleared_at is null;
create index notice_untold on app.notice (try_at) where told_at is null;
