//! What a login of the database may not do.

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
    let server = Server::start().await;
    let owner = postgres::client(&server.database_url).await;
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
         select class.relname from pg_class class
         join pg_namespace namespace on namespace.oid = class.relnamespace,
           aclexplode(class.relacl) acl
         where namespace.nspname in {schemas} and acl.grantee = 0"
    );
    assert_eq!(texts(&owner, &open).await, [""; 0]);

    for (group, expected) in [
        ("task_inbox_poster", "inbox.get_task inbox.list_tasks inbox.post_task"),
        (
            "task_inbox_operator",
            "inbox.allowed_moves inbox.get_task inbox.list_tasks inbox.set_task_state inbox.task_history",
        ),
        ("task_inbox_reporting", ""),
    ] {
        let may = format!(
            "select namespace.nspname || '.' || function.proname from pg_proc function
             join pg_namespace namespace on namespace.oid = function.pronamespace
             where namespace.nspname in {schemas} and has_function_privilege('{group}', function.oid, 'execute')
             order by 1"
        );
        assert_eq!(texts(&owner, &may).await.join(" "), expected, "{group}");
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
