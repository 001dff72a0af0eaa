-- Refuses a person what another has claimed, and to release what is not claimed.
-- A claim binds people; applications and rules decide all the same, but take it
-- from nobody without saying so.
create or replace function inbox_internal.check_claim(p_task app.task, p_actor jsonb, p_verb text, p_take boolean)
  returns void
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_holder text := case when p_task.claimed_until > now() then p_task.claimed_by end;
begin
  if p_verb = 'release' then
    if v_holder is null then
      raise sqlstate 'PT409' using
        message = 'nobody has claimed the task',
        constraint = 'task_claimed';
    end if;

    p_take := inbox_internal.is_admin(p_actor);
  end if;

  if v_holder <> inbox_internal.holder_name(p_actor)
    and (p_verb in ('claim', 'release') or p_actor ->> 'kind' in ('person', 'sql'))
    and not p_take
    and not (p_actor ->> 'kind' = 'sql' and inbox_internal.is_admin(p_actor))
  then
    raise sqlstate 'PT409' using
      message = format('%s has claimed the task until %s', v_holder,
        to_char(p_task.claimed_until at time zone 'UTC', 'HH24:MI "UTC"')),
      detail = jsonb_build_object('claimed_by', v_holder, 'claimed_until', p_task.claimed_until)::text,
      constraint = 'task_claimed';
  end if;
end
$$;
