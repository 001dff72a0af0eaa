-- An amount in minor units as people write it: 4000 EUR is 40.00 EUR.
create or replace function inbox_internal.money_text(p_amount numeric, p_currency text) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_decimals int := inbox_internal.money_decimals(p_currency);
begin
  return rtrim(
    round(p_amount / power(10::numeric, v_decimals), v_decimals)::text || ' ' || upper(coalesce(p_currency, '')));
end
$$;
