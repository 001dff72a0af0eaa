-- A JSON merge patch (RFC 7396).
create or replace function inbox_internal.merge_patch(p_target jsonb, p_patch jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_target jsonb := case when jsonb_typeof(p_target) = 'object' then p_target else '{}' end;
begin
  if jsonb_typeof(p_patch) is distinct from 'object' then
    return p_patch;
  end if;

  -- All members at once: one after the other, 16,000 took 42 s.
  return (
    select coalesce(jsonb_object_agg(member.key, member.value), '{}')
    from (
      select kept.key, kept.value from jsonb_each(v_target) kept where not p_patch ? kept.key
      union all
      select given.key, inbox_internal.merge_patch(v_target -> given.key, given.value)
      from jsonb_each(p_patch) given
      where given.value <> 'null'
    ) member);
end
$$;
