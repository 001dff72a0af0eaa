//! What happens when nobody answers in time.

use http::Method;
use serde_json::json;

use super::{Desk, refused};

const LEFT: &str =
    "select round(extract(epoch from respond_by - now()) / 60)::bigint from reporting.tasks";

#[tokio::test]
async fn a_number_of_seconds_is_the_same_however_it_is_written() {
    let desk = Desk::open().await;
    let new = |within| {
        format!(r#"{{"schema_name":"shop:desk","task":"refund","respond_within":{within}}}"#)
    };
    let post = async |path: &str, text: String, status| {
        desk.server.call_with(&desk.server.key, Method::POST, path, &[], Some(text), status).await
    };
    let tasks = ["3600", "3600.0", "36e2", "\"1h\""].map(new);
    for task in &tasks {
        post("/tasks", task.clone(), 201).await;
    }
    let batch = post("/tasks/batch", format!(r#"{{"tasks":[{}]}}"#, tasks.join(",")), 200).await;
    assert!(batch["results"].as_array().unwrap().iter().all(|one| one["status"] == 201), "{batch}");
    let hours = "select count(*) from app.task where respond_by - posted_at = interval '1 hour'";
    assert_eq!(desk.number(hours).await, 8);
    for within in ["3600.5", "1e30", "0.0"] {
        post("/tasks", new(within), 422).await;
    }
}

#[tokio::test]
async fn who_answers_nothing_in_time_has_answered_as_the_schema_says() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({"respond_within": "1h"})).await;
    desk.person("ana", "claim_task", id, json!({})).await.unwrap();
    desk.let_expire(id).await;
    let task = desk.task(id).await;
    assert_eq!((&task["state"], &task["resolution"]), (&json!("lapsed"), &json!("expired")));
    assert_eq!((&task["late"], &task["claimed_by"]), (&json!(true), &json!(null)));
    let told = desk.hook.received(2).await[1].json();
    assert_eq!((&told["type"], &told["data"]["via"]), (&json!("task.expired"), &json!("expiry")));
    assert_eq!(
        (&told["data"]["actor"]["kind"], &told["data"]["seen"]),
        (&json!("rule"), &json!(null))
    );
    // A beat later it is not told again, and who comes late decides nothing.
    desk.arrange("select inbox_internal.expire_tasks()").await;
    assert_eq!(desk.steps(id).await, ["posted", "claimed", "expired"]);
    let late = desk.person("ana", "set_task_state", id, json!({"state": "deny"})).await;
    assert_eq!(refused(late), "409 task_open");
}

#[tokio::test]
async fn kestra_a_deadline_never_wipes_an_answer() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({"respond_within": "1h"})).await;
    desk.person("ana", "set_task_state", id, json!({"state": "deny"})).await.unwrap();
    desk.let_expire(id).await;
    assert_eq!(desk.steps(id).await, ["posted", "resolved"]);
    // One that was taken back is answered by nobody.
    desk.person("ana", "undo_task", id, json!({})).await.unwrap();
    desk.let_expire(id).await;
    assert_eq!(desk.steps(id).await, ["posted", "resolved", "undone", "expired"]);
}

#[tokio::test]
async fn a_task_without_another_way_out_stays_open_and_is_late_once() {
    let desk = Desk::open().await;
    let id = desk.post("note", json!({})).await;
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(2)).to_string();
    desk.person("ana", "snooze_task", id, json!({"until": until})).await.unwrap();
    desk.let_expire(id).await;
    desk.arrange("select inbox_internal.expire_tasks()").await;
    let task = desk.task(id).await;
    assert_eq!((&task["late"], &task["resolved"]), (&json!(true), &json!(false)));
    assert_eq!((&task["snoozed_until"], &task["version"]), (&json!(null), &json!(1)));
    assert_eq!(desk.steps(id).await, ["posted", "snoozed", "late"]);
    assert_eq!(desk.number("select count(*) from reporting.deliveries").await, 0);
    desk.server.set_state(id, "done", 200).await;
}

#[tokio::test]
async fn an_escalation_goes_on_without_a_deadline() {
    let desk = Desk::open().await;
    let id = desk.post("patient", json!({})).await;
    desk.let_expire(id).await;
    let task = desk.task(id).await;
    assert_eq!((&task["state"], &task["resolved"]), (&json!("boss"), &json!(false)));
    assert_eq!((&task["respond_by"], &task["late"]), (&json!(null), &json!(false)));
    desk.server.set_state(id, "done", 200).await;
    desk.ask(id, "reopen", json!({"comment": "not yet"}), 200).await;
    assert_eq!(desk.task(id).await["state"], "boss");
}

#[tokio::test]
async fn a_deadline_stands_still_while_somebody_else_has_to_act() {
    let desk = Desk::open().await;
    let id = desk.post("patient", json!({})).await;
    desk.server.set_state(id, "waiting", 200).await;
    assert_eq!(desk.task(id).await["respond_by"], json!(null));
    desk.arrange("update app.task set respond_left = respond_left - interval '20 minutes'").await;
    desk.server.set_state(id, "boss", 200).await;
    assert_eq!(desk.number(LEFT).await, 40);
    // One that was named stays where it is.
    let by = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string();
    let named = desk.post("patient", json!({"respond_by": by})).await;
    desk.server.set_state(named, "waiting", 200).await;
    assert_ne!(desk.task(named).await["respond_by"], json!(null));
}

#[tokio::test]
async fn undo_gives_back_what_a_move_did_to_the_deadline() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({"respond_within": "1h"})).await;
    let before = desk.task(id).await["respond_by"].clone();
    desk.person("ana", "set_task_state", id, json!({"state": "waiting"})).await.unwrap();
    assert_eq!(desk.task(id).await["respond_by"], before);
    desk.person("ana", "undo_task", id, json!({})).await.unwrap();
    assert_eq!(desk.task(id).await["respond_by"], before);
}

#[tokio::test]
async fn what_was_late_has_a_new_time_when_it_is_given_one() {
    let desk = Desk::open().await;
    let id = desk.post("note", json!({})).await;
    desk.let_expire(id).await;
    let by = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string();
    assert_eq!(desk.change(id, json!({"respond_by": by}), 200).await["task"]["late"], false);
    desk.let_expire(id).await;
    assert_eq!(desk.steps(id).await, ["posted", "late", "changed", "late"]);
    let past = json!({"respond_by": "2020-01-01T00:00:00Z"});
    assert_eq!(desk.change(id, past, 422).await["code"], "respond_by_future");
}
