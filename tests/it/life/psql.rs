//! Every verb by plain SQL: who may post, who may decide, and nobody as somebody else.

use serde_json::json;
use tokio_postgres::Client;

use super::Desk;
use crate::postgres;

async fn role(desk: &Desk, group: &str) -> Client {
    let name = postgres::unique("login");
    desk.arrange(&format!("create role {name} login password 'secret' in role {group}")).await;
    postgres::client(&postgres::as_role(&desk.server.database_url, &name, "secret")).await
}

async fn said(client: &Client, statement: &str) -> String {
    match client.query(statement, &[]).await {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let error = error.as_db_error().unwrap();
            format!("{} {}", error.code().code(), error.constraint().unwrap_or_default())
        }
    }
}

#[tokio::test]
async fn each_role_has_its_verbs_and_no_other() {
    let desk = Desk::open().await;
    let (poster, operator) =
        (role(&desk, "task_inbox_poster").await, role(&desk, "task_inbox_operator").await);
    let post = "select id from inbox.post_task('shop:desk', 'careful')";
    let id: uuid::Uuid = poster.query_one(post, &[]).await.unwrap().get(0);
    let not = "42501 ";
    for (statement, by_poster, by_operator) in [
        ("inbox.change_task('ID', '{\"tags\": [\"x\"]}')", "ok", "ok"),
        ("inbox.add_comment('ID', 'hello')", "ok", "ok"),
        ("inbox.assign_task('ID', 'ana')", "ok", "ok"),
        ("inbox.claim_task('ID')", not, "ok"),
        ("inbox.release_task('ID')", not, "ok"),
        ("inbox.snooze_task('ID', now() + interval '1 hour')", not, "ok"),
        ("inbox.set_task_state('ID', 'done')", not, "PT409 checklist_open"),
        ("inbox.tick_item('ID', 'scan')", not, "ok"),
        ("inbox.set_task_state('ID', 'done')", not, "ok"),
        ("inbox.reopen_task('ID')", not, "PT403 role_needed"),
        ("inbox.undo_task('ID')", not, not),
        ("inbox.redact_comment('ID', 3)", not, not),
        ("inbox.withdraw_task('ID')", "PT409 task_open", not),
        ("inbox.post_tasks('[{\"schema_name\": \"shop:desk\", \"task\": \"note\"}]')", "ok", not),
        ("inbox.post_tasks('{}')", "PT422 batch_size", not),
        ("inbox_internal.expire_tasks()", not, not),
    ] {
        let statement = format!("select * from {}", statement.replace("ID", &id.to_string()));
        assert_eq!(said(&poster, &statement).await, by_poster, "poster: {statement}");
        assert_eq!(said(&operator, &statement).await, by_operator, "operator: {statement}");
    }
    let via = "select string_agg(distinct via || ' ' || actor_kind, ',') from reporting.events";
    let row = desk.server.db.row(via, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "sql sql");
}

#[tokio::test]
async fn who_may_post_by_sql_finds_no_task_of_another_login() {
    let desk = Desk::open().await;
    let id = desk.post("careful", json!({})).await;
    let poster = role(&desk, "task_inbox_poster").await;
    let admin = "'{\"kind\": \"person\", \"id\": \"1\", \"name\": \"root\"}'";
    for verb in ["change_task(ID, '{}'", "add_comment(ID, 'x'", "withdraw_task(ID", "get_task(ID"] {
        let call = verb.replace("ID", &format!("'{id}'"));
        let statement = format!("select * from inbox.{call}, actor => {admin})");
        assert_eq!(said(&poster, &statement).await, "PT404 task_exists", "{statement}");
    }
}
