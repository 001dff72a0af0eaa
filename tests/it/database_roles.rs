//! What a login of the database may not do.

use task_inbox::db::Target;
use task_inbox::db::migrate::migrate;
use tokio_postgres::Client;

use crate::postgres;
use crate::server::{Server, sample};

const NOBODY: &str = "'{\"kind\": \"person\", \"id\": \"1\", \"name\": \"admin\"}'";

/// A login in this group.
async fn login(server: &Server, group: &str) -> (String, Client) {
    let name = postgres::unique("login");
    let make = format!("create role {name} login password 'secret' in role {group}");
    server.db.run(&make, &[]).await.unwrap();
    let url = postgres::as_role(&server.database_url, &name, "secret");
    (name, postgres::client(&url).await)
}

async fn texts(client: &Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn refusal(client: &Client, sql: &str) -> String {
    match client.batch_execute(sql).await {
        Ok(()) => "done".to_owned(),
        Err(error) => error.code().unwrap().code().to_owned(),
    }
}

#[tokio::test]
async fn the_servers_login_is_no_superuser_and_owns_only_what_is_its_own() {
    let server = Server::start().await;
    let owner = postgres::client(&server.database_url).await;
    let powers = "select rolname::text from pg_roles where rolname = current_user
                  and (rolsuper or rolreplication or rolbypassrls)";
    assert_eq!(texts(&owner, powers).await, [""; 0]);
    let predefined = "select role.rolname::text from pg_roles role
                      where role.rolname like 'pg\\_%' and pg_has_role(current_user, role.oid, 'member')";
    assert_eq!(texts(&owner, predefined).await, ["pg_database_owner"]);
    let owned = "select distinct namespace.nspname::text from pg_class class
                 join pg_namespace namespace on namespace.oid = class.relnamespace
                 where pg_get_userbyid(class.relowner) = current_user
                   and namespace.nspname <> 'pg_toast' and class.relname <> 'refinery_schema_history'
                   and class.relname <> 'refinery_schema_history_pkey' order by 1";
    assert_eq!(texts(&owner, owned).await, ["app", "reporting"]);
}

#[tokio::test]
async fn everybody_may_call_nothing_and_each_group_its_own() {
    let database_url = postgres::fresh_database().await;
    let owner = postgres::client(&database_url).await;
    each_has_its_own(&owner).await;

    // Also when all functions were renewed, some of them dropped and made anew.
    owner
        .batch_execute(
            "drop function inbox.get_task; drop function inbox_internal.note; drop view reporting.backlog;
             update app.function_bundle set hash = 'another'",
        )
        .await
        .unwrap();
    migrate(&Target::parse(&database_url).unwrap()).await.unwrap();
    each_has_its_own(&owner).await;
}

/// PUBLIC has no right on anything of ours, and each group what is listed.
pub async fn each_has_its_own(owner: &Client) {
    let schemas = "('app', 'inbox', 'inbox_internal', 'reporting')";
    let open = format!(
        "select namespace.nspname || ' ' || acl.privilege_type from pg_namespace namespace,
           aclexplode(coalesce(namespace.nspacl, acldefault('n', namespace.nspowner))) acl
         where namespace.nspname in {schemas} and acl.grantee = 0
         union all
         select namespace.nspname || '.' || function.proname from pg_proc function
         join pg_namespace namespace on namespace.oid = function.pronamespace,
           aclexplode(coalesce(function.proacl, acldefault('f', function.proowner))) acl
         where namespace.nspname in {schemas} and acl.grantee = 0
         union all
         select class.relname::text from pg_class class
         join pg_namespace namespace on namespace.oid = class.relnamespace,
           aclexplode(class.relacl) acl
         where namespace.nspname in {schemas} and acl.grantee = 0
         union all
         -- A table's row has a type as well: nobody can name it who may not use its schema.
         select type.typname::text from pg_type type
         join pg_namespace namespace on namespace.oid = type.typnamespace,
           aclexplode(coalesce(type.typacl, acldefault('T', type.typowner))) acl
         where namespace.nspname in {schemas} and acl.grantee = 0 and type.typrelid = 0 and type.typelem = 0"
    );
    assert_eq!(texts(owner, &open).await, [""; 0]);

    let views = "reporting.backlog reporting.deliveries reporting.endpoints reporting.events \
                 reporting.resolution_share reporting.resolution_times reporting.tasks";
    for (group, schema, functions, relations) in [
        (
            "task_inbox_poster",
            "inbox",
            "inbox.add_comment inbox.assign_task inbox.change_task inbox.form_errors inbox.get_task inbox.list_tasks \
             inbox.post_task inbox.post_tasks inbox.withdraw_task",
            "",
        ),
        (
            "task_inbox_operator",
            "inbox",
            "inbox.add_comment inbox.allowed_moves inbox.allowed_verbs inbox.assign_task inbox.change_task \
             inbox.claim_task inbox.form_errors inbox.get_task inbox.list_tasks inbox.release_task \
             inbox.reopen_task inbox.set_task_state inbox.snooze_task inbox.task_history inbox.tick_item",
            "",
        ),
        ("task_inbox_reporting", "reporting", "", views),
    ] {
        let may = format!(
            "select namespace.nspname || '.' || function.proname from pg_proc function
             join pg_namespace namespace on namespace.oid = function.pronamespace
             where namespace.nspname in {schemas} and has_function_privilege('{group}', function.oid, 'execute')
             order by 1"
        );
        assert_eq!(texts(owner, &may).await.join(" "), functions, "{group}");
        let may = format!(
            "select namespace.nspname || '.' || class.relname from pg_class class
             join pg_namespace namespace on namespace.oid = class.relnamespace
             where namespace.nspname in {schemas} and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
               and case class.relkind
                 when 'S' then has_sequence_privilege('{group}', class.oid, 'usage, select, update')
                 else has_any_column_privilege('{group}', class.oid, 'select, insert, update, references')
                   or has_table_privilege('{group}', class.oid, 'delete, truncate, trigger') end
             order by 1"
        );
        assert_eq!(texts(owner, &may).await.join(" "), relations, "{group}");
        let may = format!(
            "select nspname::text from pg_namespace where nspname in {schemas}
               and has_schema_privilege('{group}', oid, 'usage')
               or nspname in {schemas} and has_schema_privilege('{group}', oid, 'create')"
        );
        assert_eq!(texts(owner, &may).await, [schema], "{group}");
    }
}

#[tokio::test]
async fn a_poster_sees_its_own_tasks_and_is_nobody_else() {
    let server = Server::start().await;
    server.load(&sample()).await;
    let theirs = server.post_flag().await;
    let (name, poster) = login(&server, "task_inbox_poster").await;
    let (_, other) = login(&server, "task_inbox_poster").await;
    let post = format!(
        "select task_object -> 'posted_by' ->> 'id' from inbox.post_task('ti:sample', 'flag-content', actor => {NOBODY}, via => 'web')"
    );
    assert_eq!(texts(&poster, &post).await, [name.as_str()]);
    let list = format!("select id::text from inbox.list_tasks(actor => {NOBODY})");
    assert_eq!(texts(&poster, &list).await.len(), 1);
    assert_eq!(texts(&other, &list).await, [""; 0]);
    let read = format!("select inbox.get_task('{theirs}', {NOBODY})");
    assert_eq!(refusal(&poster, &read).await, "PT404");

    for sql in [
        "select inbox_internal.list_api_keys()",
        "select inbox_internal.create_api_key('x', 'x', 'x', '{admin}', null, null)",
        "select inbox_internal.reseal_secret(gen_random_uuid(), '', '')",
        "select app.uuid_v7()",
        "select inbox.set_task_state(gen_random_uuid(), 'allow')",
        "create table inbox.planted (id int)",
        "create function inbox.planted() returns int language sql as 'select 1'",
        "set role task_inbox",
        "alter function inbox.get_task(uuid, jsonb) set search_path = public",
    ] {
        assert_eq!(refusal(&poster, sql).await, "42501", "{sql}");
    }
}

#[tokio::test]
async fn s53_planted_objects_are_not_called_in_place_of_ours() {
    let server = Server::start().await;
    server.load(&sample()).await;
    let (name, poster) = login(&server, "task_inbox_poster").await;
    let own = format!("create schema {name}");
    let grant = format!("grant all on schema {name} to {name}");
    for sql in [own.as_str(), &grant, &format!("grant create on schema public to {name}")] {
        server.db.run(sql, &[]).await.unwrap();
    }
    // In a schema of its own, in public and among the temporary ones; functions, an
    // operator and a table.
    for schema in [&name, "public", "pg_temp"] {
        poster
            .batch_execute(&format!(
                "create function {schema}.sha256(bytea) returns bytea language plpgsql as $$ begin raise 'planted'; end $$;
                 create function {schema}.now() returns timestamptz language plpgsql as $$ begin raise 'planted'; end $$;
                 create function {schema}.same(text, text) returns boolean language plpgsql as $$ begin raise 'planted'; end $$;
                 create operator {schema}.= (leftarg = text, rightarg = text, function = {schema}.same)"
            ))
            .await
            .unwrap();
    }
    poster
        .batch_execute(&format!(
            "create temp table task (id uuid); create temp table api_key (id int);
             set search_path = pg_temp, {name}, public, pg_catalog"
        ))
        .await
        .unwrap();
    let post =
        "select id from inbox.post_task('ti:sample', 'flag-content', idempotency_key => 'a')";
    poster.query(post, &[]).await.unwrap();
    let list = "select id from inbox.list_tasks(schema => 'ti:sample')";
    assert_eq!(poster.query(list, &[]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn s54_the_reporting_role_reads_views_and_no_table() {
    let server = Server::start().await;
    let owner = postgres::client(&server.database_url).await;
    let (_, reporting) = login(&server, "task_inbox_reporting").await;
    let relations = |schema: &str| {
        format!(
            "select format('%I.%I', nspname, relname) from pg_class class
             join pg_namespace on pg_namespace.oid = relnamespace
             where nspname = '{schema}' and relkind in ('r', 'p', 'v', 'S')"
        )
    };
    let tables = texts(&owner, &relations("app")).await;
    assert!(tables.len() > 15);
    for table in &tables {
        for sql in [format!("select * from {table}"), format!("delete from {table}")] {
            assert_eq!(refusal(&reporting, &sql).await, "42501", "{sql}");
        }
    }
    for view in texts(&owner, &relations("reporting")).await {
        assert_eq!(refusal(&reporting, &format!("select * from {view} limit 1")).await, "done");
        let may = format!(
            "select '{view}' where has_table_privilege('task_inbox_reporting', '{view}', 'insert, update, delete, truncate, references, trigger')"
        );
        assert_eq!(texts(&owner, &may).await, [""; 0]);
    }
    // No view leads to a secret: the columns of those tables are in none of them.
    let secrets =
        "select distinct view_name || '.' || column_name from information_schema.view_column_usage
                   where view_schema = 'reporting' and column_name in
                     ('sealed', 'key_hash', 'token_hash', 'password_hash')";
    assert_eq!(texts(&owner, secrets).await, [""; 0]);
}
