-- Sends one delivery now, whatever the breaker or the schedule say: what is owed
-- goes to the head of the line with all its tries ahead of it, what is settled
-- is owed again under its old id. One that is being sent just now is left alone.
create or replace function inbox_internal.retry_delivery(p_actor jsonb, p_id bigint) returns jsonb
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_delivery reporting.deliveries;
  v_admin boolean := inbox_internal.is_admin(p_actor);
begin
  perform inbox_internal.check_right(p_actor, 'resend');
  v_delivery := inbox_internal.delivery_to_read(p_actor, p_id);
  perform inbox_internal.check_resendable(v_delivery);

  -- First the endpoint, then the outbox, as whoever resumes it.
  perform from app.endpoint endpoint where endpoint.id = v_delivery.endpoint_id for update;

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

  -- An open breaker takes it as its probe. What is blocked, or asked for quiet, is
  -- tried again for an admin only.
  update app.endpoint endpoint set
    open_until = case when endpoint.state = 'open' then now() end,
    quiet_until = case when not v_admin then endpoint.quiet_until end,
    blocked = case when not v_admin then endpoint.blocked end
  where endpoint.id = v_delivery.endpoint_id;

  perform inbox_internal.clear_failure_notice(v_delivery.endpoint_id);

  perform inbox_internal.note(
    p_actor, 'delivery_retried', p_id::text, jsonb_build_object('schema', v_delivery.schema_name));
  perform inbox_internal.wake('task_inbox_deliveries');
  return inbox_internal.delivery_object(p_id);
end
$$;
