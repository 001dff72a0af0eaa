//! Starting on any database: empty, old, busy, newer.

use task_inbox::db::Target;
use task_inbox::db::migrate::migrate;
use task_inbox::serve::Part;

use crate::postgres::{self, client};
use crate::server::Server;

#[tokio::test]
async fn ten_replicas_may_start_at_once_on_an_empty_database() {
    let url = postgres::empty_database().await;
    let target = Target::parse(&url).unwrap();
    let starts = (0..10).map(|_| migrate(&target));
    for started in futures_util::future::join_all(starts).await {
        started.unwrap();
    }
    let count = "select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where nspname = 'inbox'";
    let functions: i64 = client(&url).await.query_one(count, &[]).await.unwrap().get(0);
    assert!(functions >= 6, "{functions}");
}

#[tokio::test]
async fn of_replicas_that_start_first_one_shows_the_way_in() {
    let url = postgres::fresh_database().await;
    let starts = (0..3).map(|_| Server::on(&url, Part::NoWorker));
    let servers = futures_util::future::join_all(starts).await;
    assert_eq!(servers.iter().filter(|server| server.login_url.is_some()).count(), 1);
}

#[tokio::test]
async fn renewing_the_functions_keeps_grants_and_peoples_views() {
    let url = postgres::fresh_database().await;
    let client = client(&url).await;
    client
        .batch_execute(
            "create view public.mine as select * from reporting.backlog;
             create view public.moves as select * from inbox.allowed_moves('00000000-0000-0000-0000-000000000000');
             grant execute on function inbox.post_task to task_inbox_reporting;
             update app.function_bundle set hash = 'another'",
        )
        .await
        .unwrap();
    migrate(&Target::parse(&url).unwrap()).await.unwrap();
    client.batch_execute("select * from public.mine, public.moves").await.unwrap();
    let granted =
        "select has_function_privilege('task_inbox_reporting', p.oid, 'execute') from pg_proc p
                   where p.oid = 'inbox.post_task'::regproc";
    assert!(client.query_one(granted, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn a_changed_or_removed_function_leaves_nothing_old_behind() {
    let url = postgres::fresh_database().await;
    let client = client(&url).await;
    client
        .batch_execute(
            "create function inbox_internal.no_file() returns int language sql as 'select 1';
             drop function inbox_internal.end_session;
             create function inbox_internal.end_session(p_name text) returns int language sql as 'select 1';
             drop function inbox_internal.schemas_seen;
             create function inbox_internal.schemas_seen(p_actor jsonb) returns int language sql as 'select 1';
             update app.function_bundle set hash = 'another'",
        )
        .await
        .unwrap();
    migrate(&Target::parse(&url).unwrap()).await.unwrap();
    let found = client
        .query(
            "select p.oid::regprocedure::text || ' ' || p.prorettype::regtype from pg_proc p
             where p.proname in ('no_file', 'end_session', 'schemas_seen') order by 1",
            &[],
        )
        .await
        .unwrap();
    let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        found,
        [
            "inbox_internal.end_session(bytea,text) void",
            "inbox_internal.schemas_seen(jsonb) text[]"
        ]
    );
}

#[tokio::test]
async fn what_leans_on_an_old_function_is_named_and_nothing_is_lost() {
    let url = postgres::fresh_database().await;
    let client = client(&url).await;
    client
        .batch_execute(
            "create function inbox.gone() returns int language sql as 'select 1';
             create view public.leans as select inbox.gone();
             update app.function_bundle set hash = 'another'",
        )
        .await
        .unwrap();
    let error = migrate(&Target::parse(&url).unwrap()).await.unwrap_err();
    assert!(format!("{error:#}").contains("inbox.gone"), "{error:#}");
    client.batch_execute("select * from public.leans").await.unwrap();
}

#[tokio::test]
async fn an_older_program_serves_or_says_why_not() {
    let url = postgres::fresh_database().await;
    let client = client(&url).await;
    let newer = "update app.function_bundle set hash = 'newer', program_version = '99.0.0'";
    client.batch_execute(newer).await.unwrap();
    migrate(&Target::parse(&url).unwrap()).await.unwrap();
    let hash: String =
        client.query_one("select hash from app.function_bundle", &[]).await.unwrap().get(0);
    assert_eq!(hash, "newer");

    client.batch_execute("update app.function_bundle set api = 99").await.unwrap();
    let error = migrate(&Target::parse(&url).unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("99.0.0"), "{error}");
}

#[tokio::test]
async fn a_role_that_was_made_later_gets_its_grants_at_the_next_start() {
    let url = postgres::fresh_database().await;
    let client = client(&url).await;
    client
        .batch_execute("revoke usage on schema reporting from task_inbox_reporting")
        .await
        .unwrap();
    migrate(&Target::parse(&url).unwrap()).await.unwrap();
    let granted = "select has_schema_privilege('task_inbox_reporting', 'reporting', 'usage')";
    assert!(client.query_one(granted, &[]).await.unwrap().get::<_, bool>(0));
}
