-- How many decimals an amount in this currency is written with. The exponents are
-- those of ISO 4217; most currencies have two.
create or replace function inbox_internal.money_decimals(p_currency text) returns int
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_currency text := upper(coalesce(p_currency, ''));
begin
  return case
    when v_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND',
      'VUV', 'XAF', 'XOF', 'XPF') then 0
    when v_currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
    when v_currency in ('CLF', 'UYW') then 4
    else 2
  end;
end
$$;
