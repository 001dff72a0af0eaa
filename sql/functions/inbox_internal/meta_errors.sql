-- What is wrong with the facts of a post: by the fields its type lists, then by
-- its meta_schema. As json_errors says it; pointers begin with /meta.
create or replace function inbox_internal.meta_errors(p_definition jsonb, p_meta jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_faults jsonb := '[]';
  v_field jsonb;
  v_name text;
  v_value jsonb;
begin
  for v_field in select jsonb_array_elements(p_definition -> 'fields') loop
    continue when not v_field ?| array['kind', 'required'];

    v_name := v_field ->> 'name';
    -- Most names are plain; looking one up then needs no pointer.
    v_value := case
      when strpos(v_name, '/') > 0 or strpos(v_name, '~') > 0 then inbox_internal.pointed(p_meta, '/' || v_name)
      else p_meta -> v_name
    end;
    if v_value is null or v_value = 'null' then
      if v_field -> 'required' = 'true' then
        v_faults := v_faults || jsonb_build_object('pointer', '/meta/' || v_name, 'detail', 'is required');
      end if;
    elsif v_field ? 'kind' then
      v_faults := v_faults || inbox_internal.own_faults(
        inbox_internal.kind_schema(v_field ->> 'kind'), array[v_value], array['/meta/' || v_name]);
    end if;
  end loop;

  if jsonb_typeof(p_definition -> 'meta_schema') = 'object' then
    v_faults := v_faults || inbox_internal.json_errors(p_definition -> 'meta_schema', p_meta, '/meta');
  end if;
  return jsonb_path_query_array(v_faults, '$[0 to 19]');
end
$$;
