-- These have failed for good. They are kept, their tasks go on, and operators
-- hear of the first of each endpoint.
create or replace function inbox_internal.give_up_deliveries(p_ids bigint[]) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_given_up record;
begin
  if cardinality(p_ids) is null or cardinality(p_ids) = 0 then
    return;
  end if;

  for v_given_up in
    select distinct endpoint.id, endpoint.schema_name
    from app.outbox owed
    join app.endpoint endpoint on endpoint.id = owed.endpoint_id
    where owed.id = any (p_ids)
    order by endpoint.id
  loop
    perform inbox_internal.raise_notice(v_given_up.id, 'delivery_failed', format(
      'A webhook of %s has failed for good. It is kept and can be sent again.', v_given_up.schema_name));
  end loop;

  perform inbox_internal.settle_deliveries(p_ids, 'failed');
end
$$;
