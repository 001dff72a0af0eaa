-- Refuses what was given for a fact, as change_task refuses one.
create or replace function inbox_internal.refuse_fact(p_path text[], p_detail text) returns void
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_pointer text := '/meta' || (
    select string_agg(inbox_internal.pointer_step(step.name), '' order by step.place)
    from unnest(p_path) with ordinality step (name, place));
begin
  raise sqlstate 'PT422' using
    message = format('%s: %s', substr(v_pointer, 2), p_detail),
    detail = jsonb_build_object('errors', jsonb_build_array(
      jsonb_build_object('pointer', v_pointer, 'detail', p_detail)))::text,
    constraint = 'meta_valid';
end
$$;
