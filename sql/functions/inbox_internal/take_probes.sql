-- The endpoints with an open breaker whose turn to be tried has come and that
-- have something to try. The next turn is the end of this probe's lease until
-- its answer says otherwise: of two workers that look at once, the second finds
-- the row locked, or changed.
create or replace function inbox_internal.take_probes(p_key_ids bytea[]) returns int[]
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids int[];
begin
  if not exists (select from app.endpoint endpoint where endpoint.state = 'open' and endpoint.open_until <= now()) then
    return '{}';
  end if;

  with taken as (
    update app.endpoint endpoint set open_until = now() + inbox_internal.lease()
    where endpoint.id = any (array(
      select open.id from app.endpoint open
      where open.state = 'open'
        and open.open_until <= now()
        and (open.quiet_until is null or open.quiet_until <= now())
        and inbox_internal.sendable(open, p_key_ids)
        and not exists (
          select from app.outbox working
          where working.endpoint_id = open.id and working.worker_id is not null and working.leased_until > now())
        and exists (
          select from app.outbox due
          where due.endpoint_id = open.id and not due.parked and due.due_at <= now()
            and (due.leased_until is null or due.leased_until < now()))
      for update skip locked))
    returning endpoint.id
  )
  select array_agg(taken.id) into v_ids from taken;

  return coalesce(v_ids, '{}');
end
$$;
