//! What is said about a task, to whom, and what is taken out of it again.

use serde_json::{Value, json};

use super::{Desk, refused};

#[tokio::test]
async fn what_is_said_among_people_no_application_hears() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    let say = async |body: &str, internal: bool| {
        let given = json!({"body": body, "internal": internal});
        desk.person("ana", "add_comment", id, given).await.unwrap();
    };
    say("a secret", true).await;
    say("we look at it", false).await;
    // An application does not hear itself.
    desk.ask(id, "comments", json!({"body": "hurry"}), 200).await;
    desk.server.set_state(id, "deny", 200).await;

    let told: Vec<Value> = desk.hook.received(3).await.iter().map(|one| one.json()).collect();
    let comments: Vec<&Value> = told.iter().map(|one| &one["data"]["comment"]).collect();
    assert_eq!(comments, [&json!(null), &json!("we look at it"), &json!(null)]);
    let feed = desk.server.get("/events").await.to_string();
    let history = desk.server.get(&format!("/tasks/{id}/history")).await.to_string();
    for text in [feed, history] {
        assert!(!text.contains("a secret") && text.contains("we look at it"), "{text}");
    }
    // Nothing of it makes a decision stale, and all of it can be said afterwards.
    assert_eq!(desk.task(id).await["version"], 5);
    desk.ask(id, "comments", json!({"body": "thank you"}), 200).await;
    assert_eq!(desk.task(id).await["version"], 5);
}

#[tokio::test]
async fn a_comment_that_is_blanked_is_gone_also_from_what_is_sent_again() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    let given = json!({"body": "a password", "internal": false});
    desk.person("ana", "add_comment", id, given).await.unwrap();
    desk.hook.received(2).await;
    let which = json!({"sequence": 2});
    let ana = desk.person("ana", "redact_comment", id, which.clone()).await;
    assert_eq!(refused(ana), "403 role_needed");
    desk.person("root", "redact_comment", id, which).await.unwrap();
    let none = desk.person("root", "redact_comment", id, json!({"sequence": 1})).await;
    assert_eq!(refused(none), "404 comment_exists");

    let kept =
        "select count(*) from app.event where comment like '%password%' or body like '%password%'";
    assert_eq!(desk.number(kept).await, 0);
    assert_eq!(desk.steps(id).await, ["posted", "commented", "redacted"]);
}

#[tokio::test]
async fn a_comment_says_something_and_ends_somewhere() {
    let desk = Desk::open().await;
    let id = desk.post("note", json!({})).await;
    for body in ["", " \r\n\t", &"x".repeat(10_001)] {
        assert_eq!(
            desk.ask(id, "comments", json!({"body": body}), 422).await["code"],
            "comment_length"
        );
    }
    desk.ask(id, "comments", json!({"body": "🙂".repeat(10_000)}), 200).await;
    assert_eq!(
        refused(desk.person("vic", "add_comment", id, json!({"body": "x"})).await),
        "403 role_needed"
    );
}
