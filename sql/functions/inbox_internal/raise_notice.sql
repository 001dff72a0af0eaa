-- Something operators must hear of. While one of a kind stands, the next of the
-- same endpoint adds nothing.
create or replace function inbox_internal.raise_notice(p_endpoint_id int, p_kind text, p_text text) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  insert into app.notice (kind, endpoint_id, text) values (p_kind, p_endpoint_id, p_text)
  on conflict (kind, endpoint_id) where cleared_at is null do nothing;
end
$$;
