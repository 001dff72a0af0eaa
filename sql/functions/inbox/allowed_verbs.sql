-- What an actor may do to a task now, besides reading it: asked of the same
-- function that decides.
create or replace function inbox.allowed_verbs(task_id uuid, actor jsonb default null) returns text[]
  language plpgsql
  stable
  security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor jsonb := inbox_internal.acting(actor);
  v_task app.task := inbox_internal.task_to_read(task_id, v_actor);
  v_lead app.task := inbox_internal.lead_of(v_task);
begin
  return array(
    select verb.name
    from unnest(array[
      'resolve', 'change', 'comment', 'claim', 'release', 'assign', 'snooze', 'tick', 'withdraw', 'reopen'
    ]) with ordinality as verb (name, place)
    where inbox_internal.verb_allowed(
      case when verb.name in ('change', 'comment', 'withdraw') then v_task else v_lead end, v_actor, verb.name)
    order by verb.place);
end
$$;
