-- Sends one delivery now, whatever the breaker or the schedule say: what is owed
-- goes to the head of the line with all its tries ahead of it, what is settled
-- is owed again under its old id. One that is being sent just now is left alone.
create or replace function inbox_internal.retry_delivery(p_actor jsonb, p_id bigint) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_delivery reporting.deliveries;
begin
  perform inbox_internal.check_right(p_actor, 'resend');
  v_delivery := inbox_internal.delivery_to_read(p_actor, p_id);
  perform inbox_internal.check_resendable(v_delivery);

  if v_delivery.settled_at is not null then
    -- Waits for whoever is at work on the chain; owe_again only tries.
    perform pg_advisory_xact_lock(inbox_internal.chain_key(v_delivery.task_id, v_delivery.endpoint_id));
    perform inbox_internal.owe_again(array[p_id], true, false);
  end if;

  update app.outbox owed set
    failures = 0,
    manual = true,
    due_at = least(now(), (
      select first.due_at - interval '1 millisecond'
      from app.outbox first
      where first.endpoint_id = owed.endpoint_id and not first.parked
      order by first.due_at
      limit 1))
  where owed.id = p_id and (owed.leased_until is null or owed.leased_until < now());

  -- An open breaker takes it as its probe; what was blocked is looked at again.
  update app.endpoint endpoint set
    open_until = case when endpoint.state = 'open' then now() end,
    quiet_until = null,
    blocked = null
  where endpoint.id = v_delivery.endpoint_id;

  update app.notice notice set cleared_at = now()
  where notice.endpoint_id = v_delivery.endpoint_id and notice.kind = 'delivery_failed' and notice.cleared_at is null;

  perform inbox_internal.wake('task_inbox_deliveries');
  return inbox_internal.delivery_object(p_id);
end
$$;
