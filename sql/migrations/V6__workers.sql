-- Which worker can open which secrets.

-- Which sealing key it takes to open a secret: what is sealed begins with its name.
alter table app.webhook_secret add column key_id bytea generated always as (substring(sealed from 1 for 4)) stored;

-- The workers that live and deliver. The row of a dead one goes at the next beat
-- of another; see inbox_internal.reclaim_deliveries.
create table app.worker (
  -- The number that its advisory lock has.
  id int primary key,
  -- The sealing keys it holds.
  key_ids bytea[] not null
);
