//! People and applications that come with SQL.

use serde_json::json;
use tokio_postgres::Client;

use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, within};

async fn role(server: &Server, group: &str) -> (String, Client) {
    let name = postgres::unique("person");
    server
        .db
        .run(&format!("create role {name} login password 'secret' in role {group}"), &[])
        .await
        .unwrap();
    let client = postgres::client(&postgres::as_role(&server.database_url, &name, "secret")).await;
    (name, client)
}

fn refused(error: &tokio_postgres::Error) -> String {
    let error = error.as_db_error().unwrap();
    format!("{} {}", error.code().code(), error.constraint().unwrap_or_default())
}

#[tokio::test]
async fn a_person_at_psql_posts_and_resolves_and_the_webhook_follows() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let (poster, posting) = role(&server, "task_inbox_poster").await;
    let (operator, operating) = role(&server, "task_inbox_operator").await;

    let row = posting
        .query_one("select id from inbox.post_task(schema_name => 'ti:sample', task => 'flag-content', meta => '{}')", &[])
        .await
        .unwrap();
    let id: uuid::Uuid = row.get(0);
    // Naming somebody else is of no use.
    let decide = "select * from inbox.set_task_state($1, 'allow', comment => 'by hand',
                  actor => '{\"kind\": \"person\", \"id\": \"1\", \"name\": \"admin\"}', via => 'web')";
    operating.query(decide, &[&id]).await.unwrap();

    let received = hook.received(1).await.remove(0);
    received.verify(&secret);
    let data = &received.json()["data"];
    assert_eq!(data["actor"], json!({"kind": "sql", "id": operator, "name": operator}));
    assert_eq!((&data["via"], &data["comment"]), (&json!("sql"), &json!("by hand")));
    assert_eq!(data["task"]["posted_by"]["name"], json!(poster));
}

#[tokio::test]
async fn a_rolled_back_post_leaves_nothing_and_sends_nothing() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let client = postgres::client(&server.database_url).await;
    let id = server.post_flag().await;
    client.batch_execute("begin").await.unwrap();
    client.query("select * from inbox.set_task_state($1, 'allow')", &[&id]).await.unwrap();
    client.batch_execute("rollback").await.unwrap();
    let owed: i64 =
        client.query_one("select count(*) from reporting.deliveries", &[]).await.unwrap().get(0);
    assert_eq!(owed, 0);
    server.set_state(id, "block", 200).await;
    assert_eq!(hook.received(1).await[0].json()["data"]["state"], "block");
}

#[tokio::test]
async fn each_group_role_may_do_its_own_and_no_more() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let id = server.post_flag().await;
    let (_, poster) = role(&server, "task_inbox_poster").await;
    let (_, operator) = role(&server, "task_inbox_operator").await;
    let (_, reporting) = role(&server, "task_inbox_reporting").await;
    let post = "select id from inbox.post_task('ti:sample', 'flag-content')";
    let decide = format!("select id from inbox.set_task_state('{id}', 'level1')");
    let read = format!("select inbox.get_task('{id}')");

    for (who, client, statement, expected) in [
        ("poster", &poster, post, "ok"),
        ("poster", &poster, decide.as_str(), "42501 "),
        ("poster", &poster, read.as_str(), "PT404 task_exists"),
        ("operator", &operator, post, "42501 "),
        ("operator", &operator, decide.as_str(), "ok"),
        ("operator", &operator, read.as_str(), "ok"),
        ("reporting", &reporting, "select * from reporting.tasks", "ok"),
        ("reporting", &reporting, post, "42501 "),
        ("reporting", &reporting, "select * from app.task", "42501 "),
        ("operator", &operator, "select * from app.task", "42501 "),
        ("operator", &operator, "update app.task set state = 'x'", "42501 "),
        ("poster", &poster, "select * from app.api_key", "42501 "),
        ("poster", &poster, "select inbox_internal.list_people()", "42501 "),
    ] {
        let outcome = client
            .query(statement, &[])
            .await
            .map_or_else(|error| refused(&error), |_| "ok".to_owned());
        assert_eq!(outcome, expected, "{who}: {statement}");
    }
}

#[tokio::test]
async fn a_rule_has_its_name_at_psql_too() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let client = postgres::client(&server.database_url).await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    for (statement, expected) in [
        (format!("select * from inbox.set_task_state('{id}', 'block')"), "PT409 task_open"),
        ("select * from inbox.post_task('ti:sample', 'nope')".to_owned(), "PT404 task_type_exists"),
        (
            "select * from inbox.post_task('ti:sample', 'flag-content', state => 'allow')"
                .to_owned(),
            "PT422 state_pending",
        ),
        (
            "select * from inbox.post_task('ti:sample', 'flag-content', meta => '[]')".to_owned(),
            "PT422 meta_object",
        ),
    ] {
        assert_eq!(
            refused(&client.query(&statement, &[]).await.unwrap_err()),
            expected,
            "{statement}"
        );
    }
}

#[tokio::test]
async fn the_views_tell_what_happened() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let (_, client) = role(&server, "task_inbox_reporting").await;
    for state in ["allow", "allow", "block"] {
        let id = server.post_flag().await;
        server.set_state(id, state, 200).await;
        server.delivery(id, 2, "delivered").await;
    }
    server.post_flag().await;

    for (query, expected) in [
        (
            "select string_agg(state || ' ' || resolved || ' ' || share, ', ' order by state) from reporting.resolution_share",
            "allow 2 0.6667, block 1 0.3333",
        ),
        (
            "select string_agg(coalesce(state, 'new') || ' ' || open, ', ') from reporting.backlog",
            "new 1",
        ),
        (
            "select ttype || ' ' || resolved || ' ' || (median > '0') from reporting.resolution_times",
            "flag-content 3 true",
        ),
        ("select count(*) || ' ' || count(took) from reporting.tasks", "4 3"),
        (
            "select string_agg(kind, ',' order by at) from (select * from reporting.events order by at limit 2) e",
            "posted,resolved",
        ),
        (
            "select string_agg(distinct state || ' ' || attempts || ' ' || last_status, ',') from reporting.deliveries",
            "delivered 1 200",
        ),
    ] {
        let found: String = client.query_one(query, &[]).await.unwrap().get(0);
        assert_eq!(found, expected, "{query}");
    }
    let uncommented =
        "select count(*) from pg_class c where relnamespace = 'reporting'::regnamespace
                       and obj_description(c.oid, 'pg_class') is null";
    assert_eq!(client.query_one(uncommented, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn an_application_posts_within_its_own_transaction() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let client = postgres::client(&server.database_url).await;
    client.batch_execute("create table public.orders (id int, task_id uuid); begin").await.unwrap();
    client
        .batch_execute(
            "insert into public.orders
             select 1, posted.id from inbox.post_task(schema_name => 'ti:sample', task => 'flag-content') posted",
        )
        .await
        .unwrap();
    assert!(server.get("/tasks").await["tasks"].as_array().unwrap().is_empty());
    client.batch_execute("commit").await.unwrap();
    within("the task", async {
        while server.get("/tasks").await["tasks"].as_array().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
