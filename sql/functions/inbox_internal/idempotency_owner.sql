-- Whose an idempotency key is: a login's, or that of all API keys of one line,
-- since a key may be rotated between a post and its retry.
create or replace function inbox_internal.idempotency_owner(p_actor jsonb) returns text
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (p_actor ->> 'kind') || ':' || case
    when p_actor ->> 'kind' = 'key' then (
      select coalesce(key.line_id, key.id)::text from app.api_key key where key.id = (p_actor ->> 'id')::int)
    else p_actor ->> 'id'
  end;
end
$$;
