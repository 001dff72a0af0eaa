-- Everything the page of one delivery shows, for admins.
create or replace function inbox_internal.delivery_page(p_actor jsonb, p_id bigint) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform inbox_internal.check_right(p_actor, 'admin');

  return inbox_internal.page_shell(p_actor) || jsonb_build_object(
    'delivery', inbox_internal.get_delivery(p_actor, p_id));
end
$$;
