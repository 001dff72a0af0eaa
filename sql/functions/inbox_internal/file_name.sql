-- The name of a file without what comes before it and without what is not seen:
-- folders, control characters, and those that turn the direction of a text, which
-- make "exe.gpj" of "jpg.exe". Null: nothing is left of it.
create or replace function inbox_internal.file_name(p_given text) returns text
  language plpgsql
  immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return nullif(btrim(regexp_replace(
    regexp_replace(p_given, '^.*[/\\]', ''),
    '[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]', '', 'g'), ' .'), '');
end
$$;
