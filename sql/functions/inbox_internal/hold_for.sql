-- How long a change by this road is held back so that its maker can undo it:
-- what a person taps, not what a program or a person at psql says.
create or replace function inbox_internal.hold_for(p_task_type_id int, p_via text) returns interval
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_via not in ('web', 'push') then
    return interval '0';
  end if;

  return coalesce(
    (select type.undo_seconds from app.task_type type where type.id = p_task_type_id),
    (select setting.value::int from app.setting setting where setting.name = 'undo_seconds'),
    0) * interval '1 second';
end
$$;
