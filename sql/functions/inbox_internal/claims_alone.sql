-- Deliveries that have taken two workers with them are claimed one at a time,
-- with nothing beside them, by a worker that has nothing else under way, as
-- after its start: so the one that kills workers is found out and the others
-- that died with it are not blamed. False: claim the usual ones; true: such a
-- one; null: one is under way, claim nothing.
create or replace function inbox_internal.claims_alone(p_worker_id int, p_probed int[]) returns boolean
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from app.outbox suspect where suspect.lost >= 2) then
    return false;
  end if;

  if exists (select from app.outbox held where held.worker_id = p_worker_id and held.lost >= 2) then
    return null;
  end if;

  return not exists (select from app.outbox held where held.worker_id = p_worker_id)
    and exists (
      select from app.outbox suspect
      join app.endpoint endpoint on endpoint.id = suspect.endpoint_id
      where suspect.lost >= 2 and not suspect.parked and suspect.due_at <= now() and suspect.worker_id is null
        and (endpoint.state = 'enabled' or endpoint.id = any (p_probed)) and endpoint.url is not null and endpoint.blocked is null
        and (endpoint.quiet_until is null or endpoint.quiet_until <= now()));
end
$$;
