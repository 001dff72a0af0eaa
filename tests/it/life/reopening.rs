//! What was settled by mistake is opened again, where that is allowed.

use serde_json::json;

use super::{Desk, refused};

#[tokio::test]
async fn a_reopened_task_is_where_it_was_and_has_no_deadline() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({"respond_within": "1h"})).await;
    desk.server.set_state(id, "triage", 200).await;
    desk.server.set_state(id, "deny", 200).await;
    let reopened = desk.ask(id, "reopen", json!({"comment": "a mistake"}), 200).await;
    let task = &reopened["task"];
    assert_eq!((&task["state"], &task["resolved"]), (&json!("triage"), &json!(false)));
    assert_eq!((&task["respond_by"], &task["resolved_at"]), (&json!(null), &json!(null)));
    let told = desk.hook.received(4).await[3].json();
    assert_eq!(
        (&told["type"], &told["data"]["comment"]),
        (&json!("task.reopened"), &json!("a mistake"))
    );
    // It is decided anew, and that once.
    desk.server.set_state(id, "lapsed", 200).await;
    assert_eq!(desk.server.set_state(id, "deny", 409).await["code"], "task_open");
}

#[tokio::test]
async fn only_what_is_settled_for_good_is_reopened_and_by_whom_the_schema_says() {
    let desk = Desk::open().await;
    let open = desk.post("refund", json!({})).await;
    assert_eq!(desk.ask(open, "reopen", json!({}), 409).await["code"], "task_settled");
    desk.person("ana", "set_task_state", open, json!({"state": "deny"})).await.unwrap();
    let held = desk.person("ana", "reopen_task", open, json!({})).await;
    assert_eq!(refused(held), "409 task_settled");
    desk.tell().await;
    assert_eq!(
        refused(desk.person("cyd", "reopen_task", open, json!({})).await),
        "403 role_needed"
    );
    let stale = json!({"expected_version": 1});
    assert_eq!(refused(desk.person("bob", "reopen_task", open, stale).await), "412 version_stale");
    desk.person("bob", "reopen_task", open, json!({})).await.unwrap();

    let withdrawn = desk.post("refund", json!({})).await;
    desk.ask(withdrawn, "withdraw", json!({}), 200).await;
    assert_eq!(desk.ask(withdrawn, "reopen", json!({}), 409).await["code"], "task_settled");

    let never = desk.post("note", json!({})).await;
    desk.server.set_state(never, "done", 200).await;
    assert_eq!(desk.ask(never, "reopen", json!({}), 409).await["code"], "reopen_allowed");

    let admins = desk.post("careful", json!({})).await;
    desk.server.set_state(admins, "done", 200).await;
    assert_eq!(
        refused(desk.person("ana", "reopen_task", admins, json!({})).await),
        "403 role_needed"
    );
    desk.person("root", "reopen_task", admins, json!({})).await.unwrap();
}
