-- One delivery with what is sent and every try of it. What receivers answered, and
-- where they are, is for admins: it could be inside.
create or replace function inbox_internal.get_delivery(p_actor jsonb, p_id bigint) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  v_delivery reporting.deliveries;
  v_admin boolean := inbox_internal.is_admin(p_actor);
begin
  perform inbox_internal.check_right(p_actor, 'read');

  v_delivery := inbox_internal.delivery_to_read(p_actor, p_id);
  return inbox_internal.delivery_object(p_id) || jsonb_build_object(
    'webhook_id', 'evt_' || replace(v_delivery.event_id::text, '-', ''),
    'body', (select event.body from app.event event where event.id = v_delivery.event_id),
    'tries', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'claim_no', attempt.claim_no,
        'trigger', attempt.trigger,
        'started_at', attempt.started_at,
        'milliseconds', attempt.milliseconds,
        'status', attempt.status,
        'error_class', attempt.error_class,
        'error', attempt.error,
        'remote_address', case when v_admin then attempt.remote_address end,
        'response', case when v_admin then attempt.response end
      ) order by attempt.claim_no), '[]')
      from app.attempt attempt where attempt.delivery_id = p_id));
end
$$;
