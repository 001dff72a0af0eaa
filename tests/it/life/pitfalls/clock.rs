//! Time settles what it was asked to settle, and nothing else.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::documents::blocks;
use crate::life::Desk;
use crate::source::files;

/// Whatever deadline is left on it has passed, and is seen to have.
async fn let_pass(desk: &Desk, id: Uuid) {
    desk.arrange(&format!(
        "update app.task set respond_by = now() where id = '{id}' and respond_by is not null"
    ))
    .await;
    desk.arrange("select inbox_internal.look_at_clock()").await;
}

/// What happened to it, besides that it became more urgent meanwhile.
async fn steps(desk: &Desk, id: Uuid) -> Vec<String> {
    desk.steps(id).await.into_iter().filter(|kind| kind != "raised").collect()
}

#[tokio::test]
async fn a_timer_left_from_before_a_reopening_never_settles_a_task() {
    let desk = Desk::open().await;
    // The second was settled while its deadline stood still.
    for (way, settled) in [(&[][..], "deny"), (&["waiting"], "approve"), (&["triage"], "lapsed")] {
        let id = desk.post("refund", json!({"respond_within": "1h"})).await;
        for state in way {
            desk.server.set_state(id, state, 200).await;
        }
        let decision = match settled {
            "approve" => json!({"state": "approve", "args": {"amount": 100}}),
            _ => json!({"state": settled}),
        };
        let path = format!("/tasks/{id}/state");
        desk.server.call(http::Method::PATCH, &path, Some(decision), 200).await;
        let_pass(&desk, id).await;
        assert_eq!(desk.task(id).await["state"], settled);

        desk.ask(id, "reopen", json!({}), 200).await;
        let_pass(&desk, id).await;
        // What stood still does not begin to run again.
        let next = if way == ["triage"] { "waiting" } else { "triage" };
        desk.server.set_state(id, next, 200).await;
        let_pass(&desk, id).await;
        let steps = steps(&desk, id).await;
        let rest = ["resolved", "reopened", "moved"];
        assert!(steps.ends_with(&rest.map(str::to_owned)), "{settled}: {steps:?}");
        desk.server.set_state(id, "lapsed", 200).await;
    }
}

#[tokio::test]
async fn a_timer_left_from_before_never_reaches_what_was_withdrawn_or_has_expired() {
    let desk = Desk::open().await;
    let withdrawn = desk.post("refund", json!({"respond_within": "1h"})).await;
    desk.ask(withdrawn, "withdraw", json!({}), 200).await;
    let_pass(&desk, withdrawn).await;
    assert_eq!(steps(&desk, withdrawn).await, ["posted", "withdrawn"]);

    let expired = desk.post("refund", json!({"respond_within": "1h"})).await;
    let_pass(&desk, expired).await;
    desk.ask(expired, "reopen", json!({}), 200).await;
    let_pass(&desk, expired).await;
    assert_eq!(steps(&desk, expired).await, ["posted", "expired", "reopened"]);
}

#[tokio::test]
async fn webhooks_that_do_not_get_through_expire_no_task_and_deadlines_end_no_webhook() {
    let desk = Desk::open().await;
    // After a third failure the next one would pass it.
    for _ in 0..2 {
        desk.hook.answer(503);
    }
    let id = desk.post("refund", json!({"respond_within": "1h"})).await;
    let before = desk.task(id).await;
    desk.server.set_state(id, "triage", 200).await;
    desk.hook.received(2).await;
    let task = desk.task(id).await;
    assert_eq!(task["respond_by"], before["respond_by"]);
    assert_eq!((&task["late"], &task["resolved"]), (&json!(false), &json!(false)));

    let_pass(&desk, id).await;
    assert_eq!(steps(&desk, id).await, ["posted", "moved", "expired"]);
    desk.until_told().await;
    let told: Vec<_> =
        desk.hook.so_far()[2..].iter().map(|one| one.json()["type"].clone()).collect();
    assert_eq!(told, ["task.created", "task.updated", "task.expired"]);
}

#[tokio::test]
async fn a_task_without_a_deadline_waits_for_ever() {
    let desk = Desk::open().await;
    let ana = desk.server.sign_in("ana").await;
    let id = desk.post("refund", json!({})).await;
    desk.until_told().await;
    desk.arrange("update app.task set posted_at = posted_at - interval '10 years'").await;
    desk.arrange("update app.event set at = at - interval '10 years'").await;
    desk.arrange("select inbox_internal.look_at_clock()").await;
    desk.arrange("select inbox_internal.forget_deliveries()").await;
    assert!(desk.server.page("/", &ana, 200).await.contains(&id.to_string()));
    desk.server.submit(&format!("/tasks/{id}/state"), &ana, "version=1&state=deny", 303).await;
    assert_eq!(desk.steps(id).await, ["posted", "resolved"]);
}

#[test]
fn no_schema_we_show_says_yes_when_nobody_answers() {
    let of_documents = files(".", "md").into_iter().flat_map(|(_, text)| blocks(&text, "yaml"));
    let all = files("schemas", "yml").into_iter().map(|(_, text)| text).chain(of_documents);
    let mut silent = 0;
    for text in all {
        let Ok(schema) = task_inbox::schema::parse(&text) else { panic!("{text}") };
        let schema: Value = serde_json::from_str(schema.definition().get()).unwrap();
        for ttype in schema["task_types"].as_array().unwrap() {
            let goes_to = |state: &&Value| state["name"] == ttype["on_expire"];
            let Some(state) = ttype["states"].as_array().unwrap().iter().find(goes_to) else {
                continue;
            };
            silent += 1;
            assert_ne!(state["outcome"], "positive", "{} {}", schema["name"], ttype["name"]);
        }
    }
    assert!(silent > 2, "{silent}");
}
