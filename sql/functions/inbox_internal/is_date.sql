-- Whether a text is a full-date of RFC 3339 that exists. A cast would ask for an
-- exception to be caught, and take "yesterday".
create or replace function inbox_internal.is_date(p_text text) returns boolean
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_year int;
  v_month int;
begin
  if length(p_text) <> 10 or p_text !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' then
    return false;
  end if;

  v_year := left(p_text, 4);
  v_month := substr(p_text, 6, 2);
  return v_year > 0
    and make_date(v_year, v_month, 1) + right(p_text, 2)::int - 1 < make_date(v_year, v_month, 1) + interval '1 month';
end
$$;
