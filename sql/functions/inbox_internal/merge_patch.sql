-- A JSON merge patch (RFC 7396).
create or replace function inbox_internal.merge_patch(p_target jsonb, p_patch jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_result jsonb := case when jsonb_typeof(p_target) = 'object' then p_target else '{}' end;
  v_member record;
begin
  if jsonb_typeof(p_patch) is distinct from 'object' then
    return p_patch;
  end if;

  for v_member in select member.key, member.value from jsonb_each(p_patch) member loop
    if v_member.value = 'null' then
      v_result := v_result - v_member.key;
    else
      v_result := v_result || jsonb_build_object(
        v_member.key, inbox_internal.merge_patch(v_result -> v_member.key, v_member.value));
    end if;
  end loop;

  return v_result;
end
$$;
