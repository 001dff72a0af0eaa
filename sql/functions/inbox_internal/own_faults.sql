-- What is wrong with values themselves, not with what is in them: the first
-- fault of each, for json_faults. A loop with one expression: a query costs more
-- to begin than one value is worth, and a call for each value more than 100,000 are.
create or replace function inbox_internal.own_faults(p_schema jsonb, p_values jsonb[], p_pointers text[]) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- Taken out once, not for each value. A keyword that is absent is null, which
  -- no comparison below finds true.
  v_type jsonb := p_schema -> 'type';
  v_choices jsonb[];
  v_const jsonb := p_schema -> 'const';
  v_minimum jsonb := p_schema -> 'minimum';
  v_maximum jsonb := p_schema -> 'maximum';
  v_above jsonb := p_schema -> 'exclusiveMinimum';
  v_below jsonb := p_schema -> 'exclusiveMaximum';
  v_shortest numeric := (p_schema -> 'minLength')::numeric;
  v_longest numeric := (p_schema -> 'maxLength')::numeric;
  v_fewest numeric := (p_schema -> 'minItems')::numeric;
  v_most numeric := (p_schema -> 'maxItems')::numeric;
  v_kind text := p_schema ->> 'x-kind';
  v_faults jsonb := '[]';
  v_value jsonb;
  v_place int := 0;
  v_detail text;
begin
  if p_schema ? 'enum' then
    v_choices := array(select jsonb_array_elements(p_schema -> 'enum'));
  end if;

  foreach v_value in array p_values loop
    v_place := v_place + 1;
    v_detail := case
      when p_schema = 'false' then 'is not known here'
      -- "?" finds a name in a list, and the one name that stands alone.
      when not v_type ? jsonb_typeof(v_value)
        and not (v_type ? 'integer' and jsonb_typeof(v_value) = 'number'
          and trunc(v_value::numeric) = v_value::numeric)
        then inbox_internal.choice_text(p_schema)
      when v_value <> v_const or v_value <> all (v_choices)
        then inbox_internal.choice_text(p_schema)
      when jsonb_typeof(v_value) = 'number' then case
        when v_value < v_minimum then format('must be at least %s', v_minimum)
        when v_value > v_maximum then format('must be at most %s', v_maximum)
        when v_value <= v_above then format('must be more than %s', v_above)
        when v_value >= v_below then format('must be less than %s', v_below)
      end
      when jsonb_typeof(v_value) = 'string' then case
        when length(v_value #>> '{}') < v_shortest then format('must have %s or more characters', v_shortest)
        when length(v_value #>> '{}') > v_longest then format('must have %s or fewer characters', v_longest)
        when v_kind is not null then inbox_internal.format_fault(p_schema ->> 'format', v_value #>> '{}')
      end
      when jsonb_typeof(v_value) = 'array' then case
        when jsonb_array_length(v_value) < v_fewest then format('must have %s or more items', v_fewest)
        when jsonb_array_length(v_value) > v_most then format('must have %s or fewer items', v_most)
      end
    end;
    if v_detail is null and v_kind = 'json' and octet_length(v_value::text) > 16384 then
      v_detail := 'must have 16384 or fewer bytes';
    end if;

    if v_detail is not null then
      v_faults := v_faults || jsonb_build_object('pointer', p_pointers[v_place], 'detail', v_detail);
      exit when jsonb_array_length(v_faults) >= 20;
    end if;
  end loop;
  return v_faults;
end
$$;
