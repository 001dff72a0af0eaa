-- The newest deliveries, for the command line.
create or replace function inbox_internal.list_deliveries(p_state text, p_limit int) returns table (delivery_object jsonb)
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
  select to_jsonb(delivery)
  from reporting.deliveries delivery
  where p_state is null or delivery.state = p_state
  order by delivery.created_at desc, delivery.id desc
  limit p_limit
$$;
