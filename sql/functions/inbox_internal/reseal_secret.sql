-- Puts a secret sealed by another key in the place of the old, unless somebody
-- was faster.
create or replace function inbox_internal.reseal_secret(p_id uuid, p_old bytea, p_new bytea) returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_schema_name text;
begin
  update app.webhook_secret secret set sealed = p_new
  where secret.id = p_id and secret.sealed = p_old
  returning secret.schema_name into v_schema_name;

  if found then
    perform inbox_internal.note(null, 'secret_resealed', v_schema_name, jsonb_build_object('secret', p_id));
  end if;
end
$$;
