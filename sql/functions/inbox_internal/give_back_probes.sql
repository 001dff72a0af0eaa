-- A probe for which no delivery was claimed, as when the slots were few: the
-- next worker may take it at once.
create or replace function inbox_internal.give_back_probes(p_probed int[], p_ids bigint[]) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if cardinality(p_probed) > 0 then
    update app.endpoint endpoint set open_until = now()
    where endpoint.id = any (p_probed)
      and endpoint.state = 'open'
      and not exists (
        select from app.outbox claimed where claimed.id = any (p_ids) and claimed.endpoint_id = endpoint.id);
  end if;
end
$$;
