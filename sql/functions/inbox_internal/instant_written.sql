-- The instant of a text that is one of RFC 3339. Its offset goes to 23:59 there, and
-- PostgreSQL itself takes none from 16 hours on.
create or replace function inbox_internal.instant_written(p_text text) returns timestamptz
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_offset text := substring(p_text from '[+-][0-9]{2}:[0-9]{2}$');
begin
  if v_offset is null then
    return p_text::timestamptz;
  end if;

  return (left(p_text, -6) || 'Z')::timestamptz - v_offset::interval;
end
$$;
