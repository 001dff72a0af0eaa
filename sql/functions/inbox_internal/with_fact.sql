-- A document with another value at a path; null takes away what is there. On the way
-- there, what is missing becomes an object; where something else is, nothing changes.
create or replace function inbox_internal.with_fact(p_document jsonb, p_path text[], p_value jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text := p_path[1];
  v_found jsonb := p_document #> array[v_name];
begin
  if jsonb_typeof(p_document) = 'array' then
    -- Where nothing is, a list gets nothing.
    return case
      when v_found is null then p_document
      when cardinality(p_path) = 1 then jsonb_set(p_document, array[v_name], p_value)
      else jsonb_set(p_document, array[v_name], inbox_internal.with_fact(v_found, p_path[2:], p_value))
    end;
  end if;

  if p_value = 'null' then
    return case
      when v_found is null then p_document
      when cardinality(p_path) = 1 then p_document - v_name
      else jsonb_set(p_document, array[v_name], inbox_internal.with_fact(v_found, p_path[2:], p_value))
    end;
  end if;

  return case jsonb_typeof(p_document)
    when 'object' then p_document || jsonb_build_object(
      v_name,
      case cardinality(p_path)
        when 1 then p_value
        else inbox_internal.with_fact(coalesce(nullif(v_found, 'null'), '{}'), p_path[2:], p_value)
      end)
    else p_document
  end;
end
$$;
