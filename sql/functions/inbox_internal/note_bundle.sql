-- Writes down which functions this database has now, in the transaction that
-- made them.
create or replace function inbox_internal.note_bundle(p_hash text, p_api int, p_program_version text) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  insert into app.function_bundle (hash, api, program_version) values (p_hash, p_api, p_program_version)
  on conflict (one) do update set
    hash = excluded.hash,
    api = excluded.api,
    program_version = excluded.program_version,
    applied_at = now()
$$;
