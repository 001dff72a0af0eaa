-- Says which arguments are wrong, and how: each with its place.
create or replace function inbox_internal.refuse_arguments(p_errors jsonb) returns void
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise sqlstate 'PT422' using
    message = case
      when p_errors #>> '{0,pointer}' like '/args/%'
        then format('%s: %s', substr(p_errors #>> '{0,pointer}', 7), p_errors #>> '{0,detail}')
      else p_errors #>> '{0,detail}'
    end,
    detail = jsonb_build_object('errors', p_errors)::text,
    constraint = 'arguments';
end
$$;
