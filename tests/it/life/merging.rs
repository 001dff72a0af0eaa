//! Many posts, one card: what is decided once happens to each of them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, refused};

async fn three(desk: &Desk) -> [Uuid; 3] {
    let mut ids = [Uuid::nil(); 3];
    for (place, id) in ids.iter_mut().enumerate() {
        *id = desk.post("refund", json!({"meta": {"order": "o-1", "place": place}})).await;
    }
    ids
}

#[tokio::test]
async fn one_decision_is_told_once_for_each_post() {
    let desk = Desk::open().await;
    let ids = three(&desk).await;
    assert_eq!(desk.task(ids[0]).await["merged_count"], 2);
    desk.person("ana", "set_task_state", ids[0], json!({"state": "deny"})).await.unwrap();
    desk.tell().await;

    for id in ids {
        let task = desk.task(id).await;
        assert_eq!((&task["state"], &task["resolution"]), (&json!("deny"), &json!("decided")));
        assert_eq!(task["meta"]["place"], json!(ids.iter().position(|one| *one == id).unwrap()));
    }

    // Three of the posts themselves.
    let mut told: Vec<_> = desk.hook.received(6).await[3..]
        .iter()
        .map(|received| received.json()["data"].clone())
        .map(|data| (data["task"]["id"].clone(), data["state"].clone()))
        .collect();
    told.sort_by_key(|(id, _)| id.to_string());
    assert_eq!(told, ids.map(|id| (json!(id), json!("deny"))));

    // And so is what comes of it later.
    desk.ask(ids[1], "reopen", json!({}), 200).await;
    for id in ids {
        assert_eq!(desk.task(id).await["resolved"], false);
        assert_eq!(desk.steps(id).await.last().unwrap(), "reopened");
    }
}

#[tokio::test]
async fn what_is_undone_is_undone_for_each_post() {
    let desk = Desk::open().await;
    let ids = three(&desk).await;
    desk.person("ana", "set_task_state", ids[0], json!({"state": "deny"})).await.unwrap();
    let bob = desk.person("bob", "undo_task", ids[0], json!({})).await;
    assert_eq!(refused(bob), "403 role_needed");
    desk.person("ana", "undo_task", ids[0], json!({"expected_version": 2})).await.unwrap_err();
    let seen = json!({"expected_version": desk.version(ids[0]).await});
    desk.person("ana", "undo_task", ids[0], seen).await.unwrap();
    for id in ids {
        let task = desk.task(id).await;
        assert_eq!((&task["state"], &task["held_until"]), (&json!(null), &json!(null)));
    }
}

#[tokio::test]
async fn a_post_does_not_join_what_may_still_be_taken_back() {
    let desk = Desk::open().await;
    for state in ["triage", "deny"] {
        let lead = desk.post("refund", json!({"merge_key": state})).await;
        desk.person("ana", "set_task_state", lead, json!({"state": state})).await.unwrap();
        let late = desk.post("refund", json!({"merge_key": state})).await;
        assert_eq!(desk.task(late).await["merged_into"], json!(null), "{state}");
        desk.person("ana", "undo_task", lead, json!({})).await.unwrap();
    }
}

#[tokio::test]
async fn a_post_is_not_hidden_behind_one_that_has_not_begun() {
    let desk = Desk::open().await;
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let scheduled = json!({"merge_key": "k", "start_at": later.to_string()});
    desk.post("refund", scheduled.clone()).await;
    let urgent = desk.post("refund", json!({"merge_key": "k"})).await;
    assert_eq!(desk.task(urgent).await["merged_into"], json!(null));
    // Nor is one that has not begun decided with one that has.
    let next = desk.post("refund", scheduled).await;
    assert_eq!(desk.task(next).await["merged_into"], json!(null));
    let joins = desk.post("refund", json!({"merge_key": "k"})).await;
    assert_eq!(desk.task(joins).await["merged_into"], json!(urgent));
}

#[tokio::test]
async fn when_the_first_is_withdrawn_the_oldest_leads_by_the_first_deadline_of_those_left() {
    let desk = Desk::open().await;
    let mut ids = Vec::new();
    for (hours, plan) in [(1, "pro"), (5, "free"), (2, "pro")] {
        let by = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        let meta = json!({"order": "o", "plan": plan});
        ids.push(desk.post("refund", json!({"meta": meta, "respond_by": by.to_string()})).await);
    }
    desk.person("ana", "claim_task", ids[1], json!({})).await.unwrap();
    desk.ask(ids[0], "withdraw", json!({"reason": "cancelled"}), 200).await;

    let (lead, last) = (desk.task(ids[1]).await, desk.task(ids[2]).await);
    assert_eq!((&lead["merged_into"], &lead["merged_count"]), (&json!(null), &json!(1)));
    assert_eq!((&lead["respond_by"], &lead["urgency"]), (&last["respond_by"], &json!("high")));
    assert_eq!((&lead["claimed_by"], &last["merged_into"]), (&json!("ana"), &json!(ids[1])));
    assert_eq!(desk.task(ids[0]).await["resolution"], "withdrawn");

    // Whoever withdrew its own decides no other's.
    let closed = desk.server.set_state(ids[0], "deny", 409).await;
    assert_eq!((&closed["code"], &closed["task"]["id"]), (&json!("task_open"), &json!(ids[0])));
    for (verb, body, code) in [
        ("claim", json!({}), "task_open"),
        ("reopen", json!({}), "task_settled"),
        ("assign", json!({"to": "ana"}), "task_open"),
    ] {
        assert_eq!(desk.ask(ids[0], verb, body, 409).await["code"], code);
    }
    assert_eq!(desk.task(ids[1]).await["resolved"], false);
}

#[tokio::test]
async fn a_member_is_withdrawn_alone_and_the_last_one_leads_nobody() {
    let desk = Desk::open().await;
    let ids = three(&desk).await;
    desk.ask(ids[1], "withdraw", json!({}), 200).await;
    assert_eq!(desk.task(ids[0]).await["merged_count"], 1);
    desk.ask(ids[0], "withdraw", json!({}), 200).await;
    let last = desk.task(ids[2]).await;
    assert_eq!((&last["merged_count"], &last["merged_into"]), (&json!(0), &json!(null)));
    desk.ask(ids[2], "withdraw", json!({}), 200).await;
    assert_eq!(desk.number("select count(*) from app.task where resolved_at is null").await, 0);
}

#[tokio::test]
async fn who_decides_by_the_id_of_a_member_needs_that_members_version() {
    let desk = Desk::open().await;
    let ids = three(&desk).await;
    let lead: Value = desk.task(ids[0]).await;
    desk.change(ids[1], json!({"meta": {"note": "x"}}), 200).await;
    let member = desk.task(ids[1]).await;
    assert_ne!(lead["version"], member["version"]);

    let decide = async |version: &Value, status| {
        let tag = format!("\"{version}\"");
        let path = format!("/tasks/{}/state", ids[1]);
        let body = Some(json!({"state": "triage"}).to_string());
        let headers = [("if-match", tag.as_str())];
        desk.server
            .call_with(&desk.server.key, http::Method::PATCH, &path, &headers, body, status)
            .await
    };
    assert_eq!(decide(&lead["version"], 412).await["code"], "version_stale");
    assert_eq!(decide(&member["version"], 200).await["task"]["state"], "triage");
}

#[tokio::test]
async fn what_may_be_done_with_a_member_is_what_may_be_done_with_its_lead() {
    let desk = Desk::open().await;
    let ids = three(&desk).await;
    desk.person("bob", "claim_task", ids[0], json!({})).await.unwrap();
    let ana = desk.actor("ana").await;
    let sql = "select inbox.allowed_verbs($1, $2)";
    let verbs: Vec<String> = desk.server.db.row(sql, &[&ids[1], &ana]).await.unwrap().get(0);
    assert_eq!(verbs, ["change", "comment", "assign", "snooze"]);
    let outcome = desk.person("ana", "set_task_state", ids[1], json!({"state": "triage"})).await;
    assert_eq!(refused(outcome), "409 task_claimed");
}

#[tokio::test]
async fn an_escalation_ends_the_deadline_of_each_post() {
    let desk = Desk::open().await;
    let lead = desk.post("patient", json!({"merge_key": "k"})).await;
    let member = desk.post("patient", json!({"merge_key": "k"})).await;
    desk.let_expire(lead).await;
    for id in [lead, member] {
        let task = desk.task(id).await;
        assert_eq!((&task["state"], &task["respond_by"]), (&json!("boss"), &json!(null)));
    }
}

#[tokio::test]
async fn a_beat_settles_no_more_than_it_has_time_for() {
    let desk = Desk::open().await;
    let mut leads = Vec::new();
    for key in ["a", "b"] {
        leads.push(desk.post("refund", json!({"merge_key": key})).await);
        let many: Vec<_> =
            (0..120).map(|_| super::new_task("refund", json!({"merge_key": key}))).collect();
        desk.server
            .call(http::Method::POST, "/tasks/batch", Some(json!({"tasks": many})), 200)
            .await;
    }
    desk.arrange("update app.task set respond_by = now() where merged_into is null").await;
    let settled = "select count(*) from app.task where resolved_at is not null";
    for count in [121, 242] {
        desk.arrange("select inbox_internal.expire_tasks()").await;
        assert_eq!(desk.number(settled).await, count);
    }
}

#[tokio::test]
async fn a_post_behind_another_that_becomes_urgent_moves_the_card() {
    let desk = Desk::open().await;
    let now = jiff::Timestamp::now();
    let by = |hours| (now + jiff::SignedDuration::from_hours(hours)).to_string();
    let lead = desk.post("note", json!({"merge_key": "k", "respond_by": by(100)})).await;
    let member = desk.post("note", json!({"merge_key": "k", "respond_by": by(100)})).await;
    let soon = by(2);
    desk.change(member, json!({"respond_by": soon, "urgency": "critical"}), 200).await;
    let card = desk.task(lead).await;
    let left = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(left(card["respond_by"].as_str().unwrap()), left(&soon));
    assert_eq!(card["urgency"], "critical");
    // Others would be put off with it.
    let refused = desk.change(lead, json!({"start_at": by(50)}), 409).await;
    assert_eq!(refused["code"], "task_merged");
}
