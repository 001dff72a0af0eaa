-- A duration as schema files and posts give it: seconds, or 90s, 15m, 4h, 7d.
create or replace function inbox_internal.duration_given(p_text text, p_column text) returns interval
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_parts text[] := regexp_match(p_text, '^([0-9]{1,9})([smhd]?)$');
  v_seconds bigint;
begin
  if p_text is null then
    return null;
  end if;

  v_seconds := v_parts[1]::bigint * case v_parts[2] when 'm' then 60 when 'h' then 3600 when 'd' then 86400 else 1 end;
  if coalesce(v_seconds, 0) not between 1 and 315619200 then
    raise sqlstate 'PT422' using
      message = format('"%s" is a number of seconds or a duration like "90s", "15m", "4h" or "7d", at most ten years', p_column),
      column = p_column,
      constraint = 'duration_form';
  end if;

  return v_seconds * interval '1 second';
end
$$;
