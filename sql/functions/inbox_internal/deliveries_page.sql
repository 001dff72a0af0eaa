-- Everything the page of webhooks shows, for admins.
create or replace function inbox_internal.deliveries_page(
  p_actor jsonb, p_state text, p_schema_name text, p_endpoint_id int, p_before_id bigint, p_limit int
) returns jsonb
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
begin
  perform inbox_internal.check_right(p_actor, 'admin');

  return inbox_internal.page_shell(p_actor) || jsonb_build_object(
    'endpoints', (
      select coalesce(jsonb_agg(listed.endpoint_object), '[]') from inbox_internal.list_endpoints(p_actor) listed),
    'deliveries', (
      select coalesce(jsonb_agg(listed.delivery_object order by listed.id desc), '[]')
      from inbox_internal.list_deliveries(
        p_actor, p_state, p_schema_name, p_endpoint_id, null, null, null, p_before_id, p_limit + 1) listed),
    'replays', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', replay.id, 'asked_at', replay.asked_at, 'asked_by', replay.asked_by ->> 'name', 'done', replay.replayed,
        'finished_at', replay.finished_at) order by replay.id desc), '[]')
      from app.replay replay
      where (replay.finished_at is null or replay.finished_at > now() - interval '1 hour')
        -- Wholly theirs: it says who asked, and counts.
        and replay.schema_names <@ inbox_internal.schemas_seen(p_actor)));
end
$$;
