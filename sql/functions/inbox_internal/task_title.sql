-- The title of a task: the type's template with its {pointers} filled from the
-- facts, else the type's label. A missing value shows as a dash.
create or replace function inbox_internal.task_title(p_definition jsonb, p_name text, p_meta jsonb) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_template text := inbox_internal.plain_text(p_definition -> 'title', null);
  v_title text;
begin
  if v_template is null then
    return inbox_internal.plain_text(p_definition -> 'label', p_name);
  end if;

  select string_agg(
    piece.match[1] || case
      when piece.match[2] is null then ''
      else inbox_internal.fact_text(
        inbox_internal.pointed(p_meta, pointer.path),
        (select field.value from jsonb_array_elements(p_definition -> 'fields') field
         where '/' || (field.value ->> 'name') = pointer.path limit 1),
        p_meta)
    end, '' order by piece.place)
  into v_title
  from regexp_matches(v_template, '([^{]*)(?:\{([^}]*)\})?', 'g') with ordinality as piece (match, place)
  cross join lateral (
    select case when left(piece.match[2], 1) = '/' then piece.match[2] else '/' || piece.match[2] end
  ) as pointer (path);

  return left(v_title, 500);
end
$$;
