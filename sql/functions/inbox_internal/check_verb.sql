-- Refuses what cannot be done to this task now, or not by this actor. The one
-- place that knows: verbs ask it before they act, pages and the API to tell what
-- is possible (verb_allowed).
create or replace function inbox_internal.check_verb(
  p_task app.task, p_actor jsonb, p_verb text, p_expected_version int default null, p_take boolean default false
) returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_type app.task_type;
begin
  select type.* into v_type from app.task_type type where type.id = p_task.task_type_id;

  if p_verb in ('resolve', 'claim', 'tick') then
    perform inbox_internal.check_candidate(v_type, p_actor);
  end if;

  if p_verb = 'reopen' then
    perform inbox_internal.check_reopenable(p_task, v_type, p_actor);
  end if;

  perform inbox_internal.check_current(p_task, p_actor, p_verb in ('comment', 'reopen', 'redact'), p_expected_version);

  if p_verb = 'claim' and v_type.claim_for = 0 then
    raise sqlstate 'PT409' using
      message = 'tasks of this type are not claimed',
      constraint = 'claims_allowed';
  end if;

  if p_verb in ('resolve', 'claim', 'tick', 'release') then
    perform inbox_internal.check_claim(p_task, p_actor, p_verb, p_take);
  end if;
end
$$;
