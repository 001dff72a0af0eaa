-- What a value may be, in words for who sent another.
create or replace function inbox_internal.choice_text(p_schema jsonb) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_type jsonb := p_schema -> 'type';
  v_choices text;
begin
  if p_schema ? 'const' then
    v_choices := (p_schema -> 'const')::text;
  elsif p_schema ? 'enum' then
    select 'one of ' || coalesce(string_agg(choice.value::text, ', ' order by choice.place), 'none') into v_choices
    from jsonb_array_elements(p_schema -> 'enum') with ordinality choice (value, place);
  else
    select string_agg(case choice.name
      when 'string' then 'a text'
      when 'number' then 'a number'
      when 'integer' then 'a whole number'
      when 'boolean' then 'true or false'
      when 'object' then 'an object'
      when 'array' then 'a list'
      else choice.name
    end, ' or ' order by choice.place) into v_choices
    from jsonb_array_elements_text(
      case when jsonb_typeof(v_type) = 'array' then v_type else jsonb_build_array(v_type) end)
      with ordinality choice (name, place);
  end if;

  return 'must be ' || case when length(v_choices) > 200 then left(v_choices, 199) || '…' else v_choices end;
end
$$;
