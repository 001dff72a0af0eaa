-- The JSON merge patch (RFC 7396) that makes one object of another. It has no words
-- for a new member that is null.
create or replace function inbox_internal.merge_diff(p_from jsonb, p_to jsonb) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(p_from) is distinct from 'object' or jsonb_typeof(p_to) <> 'object' then
    return p_to;
  end if;

  return (
    select coalesce(jsonb_object_agg(member.key, member.value), '{}')
    from (
      select gone.key, 'null'::jsonb as value from jsonb_object_keys(p_from) gone (key) where not p_to ? gone.key
      union all
      select given.key, inbox_internal.merge_diff(p_from -> given.key, given.value)
      from jsonb_each(p_to) given
      where (p_from -> given.key) is distinct from given.value
    ) member);
end
$$;
