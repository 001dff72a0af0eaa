-- Which worker can open which secrets; numbers of the audit log that stay; a right too many.

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

-- The audit log's numbers --------------------------------------------------

-- A number that can be taken back, or chosen, makes who reads the log on skip a
-- row. So it is given once, it is the next, and whoever asks has no say in it.
create function app.give_audit_number() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    new.number := null;
  elsif old.number is not null then
    raise sqlstate '42501' using message = 'the number of an entry of the audit log stays';
  else
    new.number := coalesce((select max(given.number) from app.audit_number given), 0) + 1;
  end if;
  return new;
end
$$;

revoke all on function app.give_audit_number() from public;

create trigger give_audit_number before insert or update on app.audit_number
  for each row execute function app.give_audit_number();

drop sequence app.audit_place;

-- As of app.audit itself.
revoke update, delete, truncate on app.audit_number from current_user;
grant update (number) on app.audit_number to current_user;

-- Rights ---------------------------------------------------------------------

-- A type is open to everybody when it is made.
revoke usage on type app.urgency from public;
