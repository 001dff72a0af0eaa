-- Until when the next try has to wait after these; null: not at all. A name's
-- wait grows and is never long, so that strangers keep nobody out.
create or replace function inbox_internal.sign_in_wait(p_tries app.sign_in_tries) returns timestamptz
  language plpgsql
  stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case split_part(p_tries.who, ' ', 1)
    when 'name' then p_tries.last_at + case
      when p_tries.failures >= 25 then interval '10 seconds'
      when p_tries.failures >= 9 then interval '5 seconds'
      when p_tries.failures >= 3 then interval '3 seconds'
      when p_tries.failures >= 1 then interval '1 second'
    end
    when 'network' then case when p_tries.failures >= 100 then p_tries.since + interval '1 hour' end
    else case when p_tries.failures >= 20 then p_tries.since + interval '1 hour' end
  end;
end
$$;
