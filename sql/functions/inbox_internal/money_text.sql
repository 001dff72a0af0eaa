-- An amount in minor units as people write it: 4000 EUR is 40.00 EUR. The
-- exponents are those of ISO 4217; most currencies have two.
create or replace function inbox_internal.money_text(p_amount numeric, p_currency text) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_currency text := upper(coalesce(p_currency, ''));
  v_exponent int := case
    when v_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND',
      'VUV', 'XAF', 'XOF', 'XPF') then 0
    when v_currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
    when v_currency in ('CLF', 'UYW') then 4
    else 2
  end;
begin
  return rtrim(round(p_amount / power(10::numeric, v_exponent), v_exponent)::text || ' ' || v_currency);
end
$$;
