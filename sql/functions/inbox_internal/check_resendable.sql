-- Refuses to send what was taken back, what can still be, and what has no
-- content any more.
create or replace function inbox_internal.check_resendable(p_delivery reporting.deliveries) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_delivery.state = 'void' then
    raise sqlstate 'PT409' using
      message = 'the decision was taken back; its webhook is never sent',
      constraint = 'delivery_void';
  end if;

  if p_delivery.state = 'held' then
    raise sqlstate 'PT409' using
      message = 'the decision can still be undone; its webhook goes out after that',
      constraint = 'delivery_held';
  end if;

  if exists (select from app.event event where event.id = p_delivery.event_id and event.body is null) then
    raise sqlstate 'PT410' using
      message = 'the content of this webhook is older than what is kept',
      constraint = 'body_gone';
  end if;
end
$$;
