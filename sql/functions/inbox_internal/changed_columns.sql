-- What a move changed, as it was before: what applications still see while it is
-- held, and what undo gives back.
create or replace function inbox_internal.changed_columns(p_before app.task, p_after app.task) returns jsonb
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select jsonb_object_agg(was.key, was.value)
    from jsonb_each(inbox_internal.moving_columns(p_before)) was
    join jsonb_each(inbox_internal.moving_columns(p_after)) becomes on becomes.key = was.key
    where was.value <> becomes.value
      -- A claim that was only prolonged is not part of the move: it may have been
      -- given up when the move is taken back.
      and (was.key <> 'claimed_until' or p_before.claimed_by is distinct from p_after.claimed_by));
end
$$;
