//! What is done beside deciding never gets in the way of it.

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::life::{Desk, new_task};

async fn moves(desk: &Desk, id: Uuid, name: &str) -> Vec<String> {
    let sql = "select array(select move.name from inbox.allowed_moves($1, $2) move)";
    desk.server.db.row(sql, &[&id, &desk.actor(name).await]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_claim_is_of_one_task_and_of_no_other_that_looks_like_it() {
    let desk = Desk::open().await;
    let alike = json!({"meta": {"amount": 100}, "tags": ["eu"], "context": {"order": 1}});
    let (mine, free) = (desk.post("refund", alike.clone()).await, desk.post("refund", alike).await);
    desk.person("ana", "claim_task", mine, json!({})).await.unwrap();
    assert_eq!(desk.task(free).await["claimed_by"], json!(null));
    desk.person("bob", "set_task_state", free, json!({"state": "deny"})).await.unwrap();
    assert_eq!(desk.task(mine).await["claimed_by"], "ana");
    assert_eq!(desk.steps(mine).await, ["posted", "claimed"]);
}

#[tokio::test]
async fn a_claim_ends_with_whatever_settles_its_task() {
    let desk = Desk::open().await;
    for way in ["person", "application", "deadline", "withdrawal"] {
        let id = desk.post("refund", json!({"respond_within": "1h"})).await;
        desk.person("ana", "claim_task", id, json!({})).await.unwrap();
        let deny = json!({"state": "deny"});
        match way {
            "person" => drop(desk.person("ana", "set_task_state", id, deny).await.unwrap()),
            "application" => drop(desk.server.set_state(id, "deny", 200).await),
            "deadline" => desk.let_expire(id).await,
            _ => drop(desk.ask(id, "withdraw", json!({}), 200).await),
        }
        desk.tell().await;
        let task = desk.task(id).await;
        assert_eq!(task["resolved"], true, "{way}");
        let claim = (&task["claimed_by"], &task["claimed_until"]);
        assert_eq!(claim, (&json!(null), &json!(null)), "{way}");
        // Opened again it is anybody's.
        if way != "withdrawal" {
            desk.ask(id, "reopen", json!({}), 200).await;
            desk.person("bob", "claim_task", id, json!({})).await.unwrap();
        }
    }
}

#[tokio::test]
async fn claims_are_told_to_nobody_make_nothing_stale_and_hide_nothing() {
    let desk = Desk::open().await;
    let ana = desk.server.sign_in("ana").await;
    let id = desk.post("refund", json!({})).await;
    let said = json!({"body": "the customer called", "internal": true});
    desk.person("bob", "add_comment", id, said).await.unwrap();
    for _ in 0..20 {
        desk.person("bob", "claim_task", id, json!({})).await.unwrap();
        // Who is at it and says so again adds nothing.
        desk.person("bob", "claim_task", id, json!({})).await.unwrap();
        desk.person("bob", "release_task", id, json!({})).await.unwrap();
    }
    assert_eq!(desk.steps(id).await.len(), 2 + 2 * 20);
    assert_eq!(desk.task(id).await["version"], 1);
    let page = desk.server.page(&format!("/tasks/{id}"), &ana, 200).await;
    for shown in ["the customer called", "value=\"approve\"", "value=\"deny\""] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // A page from before all that decides still.
    desk.server.submit(&format!("/tasks/{id}/state"), &ana, "version=1&state=deny", 303).await;
    desk.tell().await;
    desk.until_told().await;
    let told = desk.hook.so_far().into_iter().map(|one| one.json()["type"].clone());
    assert_eq!(told.collect::<Vec<_>>(), ["task.created", "task.resolved"]);
}

#[tokio::test]
async fn side_verbs_leave_the_moves_in_place() {
    let desk = Desk::open().await;
    let ana = desk.server.sign_in("ana").await;
    let id = desk.post("careful", json!({})).await;
    let before = moves(&desk, id, "ana").await;
    assert_eq!(before, ["triage", "done", "dropped"]);
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string();
    for (verb, given) in [
        ("add_comment", json!({"body": "looking"})),
        ("claim_task", json!({})),
        ("assign_task", json!({"to_person": "bob"})),
        ("tick_item", json!({"item": "call"})),
        ("change_task", json!({"change": {"tags": ["x"], "urgency": "high"}})),
        ("snooze_task", json!({"until": until})),
        ("snooze_task", json!({"until": null})),
        ("release_task", json!({})),
    ] {
        desk.person("ana", verb, id, given).await.unwrap();
        assert_eq!(moves(&desk, id, "ana").await, before, "{verb}");
        let page = desk.server.page(&format!("/tasks/{id}"), &ana, 200).await;
        for state in &before {
            assert!(page.contains(&format!("value=\"{state}\"")), "{verb}, {state}: {page}");
        }
    }
}

#[tokio::test]
async fn what_is_posted_again_wakes_no_settled_task() {
    let desk = Desk::open().await;
    let post = async |new: &Value, status| {
        let headers = [("idempotency-key", "once")];
        let (key, body) = (&desk.server.key, Some(new.to_string()));
        desk.server.call_with(key, Method::POST, "/tasks", &headers, body, status).await
    };
    let new = new_task("refund", json!({"external_id": "order-7", "merge_key": "k"}));
    let first: Uuid = post(&new, 201).await["id"].as_str().unwrap().parse().unwrap();
    desk.server.set_state(first, "deny", 200).await;

    // The same post, with its key and without: it is settled, and says how.
    let again = post(&new, 200).await;
    assert_eq!((&again["id"], &again["task"]["state"]), (&json!(first), &json!("deny")));
    let again = desk.server.post(new, 200).await;
    assert_eq!((&again["id"], &again["task"]["resolved"]), (&json!(first), &json!(true)));
    // Another post about the same is a task of its own.
    let fresh = desk.post("refund", json!({"merge_key": "k"})).await;
    assert_ne!(fresh, first);
    assert_eq!(desk.task(fresh).await["merged_into"], json!(null));
    assert_eq!(desk.steps(fresh).await, ["posted"]);
    assert_eq!(desk.steps(first).await, ["posted", "resolved"]);
    let old = desk.task(first).await;
    assert_eq!((&old["merged_count"], &old["resolved"]), (&json!(0), &json!(true)));
}
