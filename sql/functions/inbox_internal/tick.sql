-- The heartbeat of a server, every five seconds on its listening connection:
-- frees what dead workers held, lets forgotten chains go, and says when the next
-- delivery is due and what else there is to do. The one query an idle server makes.
-- One that does not deliver has no sealing keys: null.
create or replace function inbox_internal.tick(p_worker_id int, p_key_ids bytea[])
  returns table (due_in float8, replays boolean, notices boolean, old boolean, late boolean)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- After a lost connection the old one may have held it a little longer. A lock
  -- of one's own is only counted.
  perform pg_try_advisory_lock(inbox_internal.worker_lock(), p_worker_id);

  perform inbox_internal.reclaim_deliveries(p_worker_id);
  perform inbox_internal.pull_back_deliveries();
  perform inbox_internal.sweep_chains();
  perform inbox_internal.forget_idempotency_keys();
  perform inbox_internal.forget_sign_ins();
  perform inbox_internal.forget_uploads();

  if p_key_ids is not null then
    -- Others may have taken it for dead while its connection was lost.
    insert into app.worker (id, key_ids) values (p_worker_id, p_key_ids) on conflict (id) do nothing;

    -- What was wrong with another server's settings is not with ours.
    update app.setting setting set value = '' where setting.name = 'delivery_fault' and setting.value <> '';
  end if;

  return query
    select extract(epoch from min(greatest(
        next.due_at, endpoint.quiet_until, case when endpoint.state = 'open' then endpoint.open_until end)) - now())::float8,
      exists (select from app.replay replay where replay.finished_at is null),
      exists (select from app.notice notice where notice.told_at is null and notice.try_at <= now()),
      inbox_internal.has_old_deliveries(),
      inbox_internal.has_late_tasks()
    from app.endpoint endpoint
    cross join lateral (
      select owed.due_at from app.outbox owed
      where owed.endpoint_id = endpoint.id and not owed.parked and owed.worker_id is null
      order by owed.due_at
      limit 1
    ) next
    where endpoint.state in ('enabled', 'open') and inbox_internal.sendable(endpoint, p_key_ids);
end
$$;
