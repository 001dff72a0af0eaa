//! Who is at a task, and whose it is.

use serde_json::json;

use super::{Desk, refused};

#[tokio::test]
async fn a_claim_binds_people_and_no_application() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    desk.person("ana", "claim_task", id, json!({})).await.unwrap();
    for (verb, given) in [
        ("set_task_state", json!({"state": "triage"})),
        ("claim_task", json!({})),
        ("release_task", json!({})),
    ] {
        assert_eq!(refused(desk.person("bob", verb, id, given).await), "409 task_claimed");
    }
    // Looking after it is not deciding it.
    desk.person("bob", "add_comment", id, json!({"body": "hurry"})).await.unwrap();
    desk.server.set_state(id, "triage", 200).await;
    assert_eq!(desk.task(id).await["claimed_by"], "ana");
    desk.person("bob", "claim_task", id, json!({"take": true})).await.unwrap();
    assert_eq!(desk.task(id).await["claimed_by"], "bob");
    desk.person("root", "release_task", id, json!({})).await.unwrap();
    let nobodys = desk.person("bob", "release_task", id, json!({})).await;
    assert_eq!(refused(nobodys), "409 task_claimed");
}

#[tokio::test]
async fn a_claim_ends_by_itself_and_whatever_its_holder_does_prolongs_it() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    desk.person("ana", "claim_task", id, json!({})).await.unwrap();
    let nearly = "update app.task set claimed_until = now() + interval '1 minute'";
    let left = "select round(extract(epoch from claimed_until - now()) / 60)::bigint from app.task";
    for (verb, given) in [
        ("claim_task", json!({})),
        ("add_comment", json!({"body": "looking"})),
        ("change_task", json!({"change": {"tags": ["x"]}})),
        ("assign_task", json!({"to_person": "ana"})),
        ("set_task_state", json!({"state": "triage"})),
    ] {
        desk.arrange(nearly).await;
        desk.person("ana", verb, id, given).await.unwrap();
        assert_eq!(desk.number(left).await, 15, "{verb}");
    }
    desk.arrange(nearly).await;
    desk.person("bob", "add_comment", id, json!({"body": "and?"})).await.unwrap();
    assert_eq!(desk.number(left).await, 1);
    desk.arrange("update app.task set claimed_until = now()").await;
    desk.person("bob", "set_task_state", id, json!({"state": "deny"})).await.unwrap();
}

#[tokio::test]
async fn what_is_undone_gives_back_the_claim_that_a_settlement_ended() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    desk.person("ana", "claim_task", id, json!({})).await.unwrap();
    desk.person("ana", "set_task_state", id, json!({"state": "deny"})).await.unwrap();
    desk.person("ana", "undo_task", id, json!({})).await.unwrap();
    assert_eq!(desk.task(id).await["claimed_by"], "ana");
}

#[tokio::test]
async fn a_claim_given_up_after_a_move_stays_given_up_when_the_move_is_undone() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    desk.person("ana", "claim_task", id, json!({})).await.unwrap();
    desk.person("ana", "set_task_state", id, json!({"state": "triage"})).await.unwrap();
    desk.person("ana", "release_task", id, json!({})).await.unwrap();
    let told = desk.task(id).await;
    assert_eq!((&told["claimed_by"], &told["claimed_until"]), (&json!(null), &json!(null)));
    desk.person("ana", "undo_task", id, json!({})).await.unwrap();
    let task = desk.task(id).await;
    assert_eq!((&task["state"], &task["claimed_by"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn only_candidates_and_admins_decide_claim_and_are_given_a_task() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    for (verb, given) in [("set_task_state", json!({"state": "triage"})), ("claim_task", json!({}))]
    {
        assert_eq!(refused(desk.person("cyd", verb, id, given).await), "403 role_needed", "{verb}");
    }
    for to in ["cyd", "vic", "nobody", ""] {
        assert_eq!(
            desk.ask(id, "assign", json!({"to": to}), 422).await["code"],
            "assignee_allowed"
        );
    }
    for to in [json!("bob"), json!("root"), json!(null)] {
        assert_eq!(desk.ask(id, "assign", json!({"to": to}), 200).await["task"]["assignee"], to);
    }
    desk.person("root", "set_task_state", id, json!({"state": "triage"})).await.unwrap();
    assert_eq!(
        refused(desk.person("vic", "add_comment", id, json!({"body": "x"})).await),
        "403 role_needed"
    );
}

#[tokio::test]
async fn people_take_turns_and_who_is_disabled_takes_none() {
    let desk = Desk::open().await;
    let mut names = Vec::new();
    for _ in 0..4 {
        let id = desk.post("patient", json!({})).await;
        names.push(desk.task(id).await["assignee"].clone());
    }
    assert_eq!(names, ["ana", "bob", "ana", "bob"]);
    desk.arrange("select inbox_internal.change_person('ana', null, true)").await;
    let id = desk.post("patient", json!({})).await;
    assert_eq!(desk.task(id).await["assignee"], "bob");
    assert_eq!(desk.ask(id, "assign", json!({"to": "ana"}), 422).await["code"], "assignee_allowed");
}

#[tokio::test]
async fn where_there_are_no_claims_it_is_said() {
    let desk = Desk::open().await;
    let id = desk.post("note", json!({})).await;
    let outcome = desk.person("ana", "claim_task", id, json!({})).await;
    assert_eq!(refused(outcome), "409 claims_allowed");
}
