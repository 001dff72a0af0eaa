-- The end of a range as people write it.
create or replace function inbox_internal.form_limit(p_field jsonb, p_limit jsonb) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_limit is null then null
    when p_field ->> 'kind' = 'money' then split_part(inbox_internal.fact_text(p_limit, p_field, '{}'), ' ', 1)
    else p_limit #>> '{}'
  end;
end
$$;
