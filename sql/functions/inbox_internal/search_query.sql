-- What somebody typed into a search field: every word, or the beginning of one.
create or replace function inbox_internal.search_query(p_typed text) returns tsquery
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select string_agg('''' || replace(replace(word.lexeme, '\', '\\'), '''', '''''') || ''':*', ' & ')::tsquery
    from unnest(to_tsvector('pg_catalog.simple', left(p_typed, 1000))) word);
end
$$;
