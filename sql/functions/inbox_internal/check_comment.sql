-- Refuses a text for people that is too long.
create or replace function inbox_internal.check_comment(p_text text, p_column text) returns void
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if length(p_text) > 10000 then
    raise sqlstate 'PT422' using
      message = format('a %s has at most 10,000 characters', p_column),
      column = p_column,
      constraint = 'comment_length';
  end if;
end
$$;
