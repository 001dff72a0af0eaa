-- Who is assigned the next task of a type; null when none of those named is there
-- to decide it. Taking turns never waits: where another post is just taking one,
-- chance decides.
create or replace function inbox_internal.whose_turn(p_type app.task_type, p_schema_name text) returns text
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_names text[] := array(
    select named.name
    from jsonb_array_elements_text(coalesce(
      p_type.assign -> 'round_robin', jsonb_build_array(p_type.assign -> 'to'))) with ordinality as named (name, place)
    where inbox_internal.assignable(p_type.id, p_schema_name, named.name)
    order by named.place);
  v_given int;
begin
  if cardinality(v_names) < 2 then
    return v_names[1];
  end if;

  insert into app.assign_turn (schema_name, ttype, given) values (p_schema_name, p_type.name, 0)
  on conflict (schema_name, ttype) do nothing;

  update app.assign_turn turn set given = turn.given + 1
  where (turn.schema_name, turn.ttype) = any (array(
    select (free.schema_name, free.ttype) from app.assign_turn free
    where free.schema_name = p_schema_name and free.ttype = p_type.name
    for update skip locked))
  returning turn.given into v_given;

  return v_names[1 + (coalesce(v_given - 1, floor(random() * cardinality(v_names))::int)) % cardinality(v_names)];
end
$$;
