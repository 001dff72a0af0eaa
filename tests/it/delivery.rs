//! Webhooks: signed, retried, in order, once settled never again.

use std::time::Duration;

use axum::response::IntoResponse;
use http::{Method, StatusCode};
use serde_json::json;
use task_inbox::serve::Part;

use crate::hook::Hook;
use crate::server::{Server, within};

#[tokio::test]
async fn a_decision_reaches_the_application_signed() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let task = json!({
        "schema_name": "ti:sample", "task": "flag-content", "external_id": "p7", "context": {"a": 1},
        "meta": {"text": "emoji 🦊 \u{2028} quote\" 1.10"},
    });
    let id = server.post(task, 201).await["id"].as_str().unwrap().parse().unwrap();
    let decision = json!({"state": "block", "comment": "spam"});
    server.call(Method::PATCH, &format!("/tasks/{id}/state"), Some(decision), 200).await;

    let received = hook.received(1).await.remove(0);
    received.verify(&secret);
    assert!(received.id.starts_with("evt_") && !received.id.contains('.'));
    assert_eq!(received.headers["content-type"], "application/json");
    let hook_key = received.headers["ti-key"].to_str().unwrap();
    assert!(hook_key.starts_with("tih_") && hook_key != secret);

    let body = received.json();
    assert_eq!(body["type"], "task.resolved");
    assert!(body["timestamp"].is_string());
    for (name, expected) in [
        ("ttype", json!("flag-content")),
        ("schema", json!("ti:sample")),
        ("schema_version", json!("1")),
        ("state", json!("block")),
        ("previous_state", json!(null)),
        ("resolved", json!(true)),
        ("sequence", json!(2)),
        ("version", json!(2)),
        ("via", json!("api")),
        ("args", json!(null)),
        ("comment", json!("spam")),
        ("external_id", json!("p7")),
        ("context", json!({"a": 1})),
    ] {
        assert_eq!(body["data"][name], expected, "{name}");
    }
    assert_eq!(body["data"]["actor"]["name"], "test");
    assert_eq!(body["data"]["task"], server.get(&format!("/tasks/{id}")).await["task"]);
    // What a receiver of the first task-inbox reads.
    assert_eq!(body["task"]["state"], "block");
    assert_eq!(body["ttype"], "flag-content");
    server.delivery(id, 2, "delivered").await;
}

#[tokio::test]
async fn a_failing_receiver_is_tried_again_with_the_same_id_and_body() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    hook.answer(500);
    hook.answer(404);
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;

    let received = hook.received(3).await;
    for request in &received {
        request.verify(&secret);
        assert_eq!((&request.id, &request.body), (&received[0].id, &received[0].body));
    }
    let delivery = server.delivery(id, 2, "delivered").await;
    assert_eq!((&delivery["attempts"], &delivery["status"]), (&json!(3), &json!(200)));
}

#[tokio::test]
async fn the_events_of_a_task_arrive_in_order() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    // The first answer is slow and the second fails: neither lets a later one pass.
    hook.answer(503);
    hook.answer(500);
    let id = server.post_flag().await;
    for state in ["level1", "level2", "block"] {
        server.set_state(id, state, 200).await;
    }
    let received = hook.received(5).await;
    let sequences: Vec<i64> = received
        .iter()
        .map(|request| request.json()["data"]["sequence"].as_i64().unwrap())
        .collect();
    assert_eq!(sequences, [2, 2, 2, 3, 4]);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (server, hook, elsewhere) =
        (Server::start().await, Hook::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let target = elsewhere.url.clone();
    hook.answer_with(move || (StatusCode::FOUND, [("location", target)]).into_response());
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let delivery = server.delivery(id, 2, "delivered").await;
    assert_eq!(delivery["attempts"], 2);
    assert!(elsewhere.so_far().is_empty());
}

#[tokio::test]
async fn a_body_that_is_too_large_goes_without_the_facts() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let task = json!({"schema_name": "ti:sample", "task": "flag-content", "meta": {"text": "x".repeat(30_000)}});
    let id = server.post(task, 201).await["id"].as_str().unwrap().parse().unwrap();
    server.set_state(id, "allow", 200).await;
    let received = hook.received(1).await.remove(0);
    received.verify(&secret);
    assert!(received.body.len() <= 20_480);
    assert_eq!(received.json()["data"]["task"]["meta"], json!(null));
    assert_eq!(received.json()["data"]["task"]["meta_omitted"], json!(true));
}

#[tokio::test]
async fn two_replicas_share_the_work_and_send_nothing_twice() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let other = Server::on(&server.database_url, Part::WorkerOnly).await;
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(server.post_flag().await);
    }
    let decisions = ids.iter().map(|id| server.set_state(*id, "allow", 200));
    futures_util::future::join_all(decisions).await;

    let mut received: Vec<String> =
        hook.received(60).await.into_iter().map(|request| request.id).collect();
    for id in ids {
        server.delivery(id, 2, "delivered").await;
    }
    assert_eq!(hook.so_far().len(), 60);
    received.sort();
    received.dedup();
    assert_eq!(received.len(), 60);
    other.stop().await;
}

#[tokio::test]
async fn another_replica_hears_at_once_of_what_this_one_posted() {
    // This one has no worker; the other would find it by its own beat only after 5 s.
    let database_url = crate::postgres::fresh_database().await;
    let worker = Server::on(&database_url, Part::WorkerOnly).await;
    let server = Server::on(&database_url, Part::NoWorker).await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    let id = server.post_flag().await;
    let began = std::time::Instant::now();
    server.set_state(id, "allow", 200).await;
    hook.received(1).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    drop(worker);
}

#[tokio::test]
async fn what_a_dead_worker_held_is_sent_by_another() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    server.db.run("update app.endpoint set state = 'paused'", &[]).await.unwrap();
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    // A worker that claimed and died: nobody holds the lock on its number.
    let lost = "update app.outbox set worker_id = 7, claim_no = 1, leased_until = now() + interval '60 seconds'";
    server.db.run(lost, &[]).await.unwrap();
    server.db.run("update app.endpoint set state = 'enabled'", &[]).await.unwrap();

    hook.received(1).await;
    let delivery = server.delivery(id, 2, "delivered").await;
    assert_eq!(delivery["attempts"], 2, "the lost attempt is counted");
}

#[tokio::test]
async fn a_late_result_of_an_old_claim_changes_nothing() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    server.db.run("update app.endpoint set state = 'paused'", &[]).await.unwrap();
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let row = server
        .db
        .row(
            "update app.outbox set worker_id = 7, claim_no = 2, leased_until = now() + interval '60 seconds' returning id",
            &[],
        )
        .await
        .unwrap();
    let outbox_id: i64 = row.get(0);
    let late = json!([{"id": outbox_id, "claim_no": 1, "started_at": "2026-11-22T10:00:00Z", "status": 200}]);
    let rows = server
        .db
        .rows("select id, settled from inbox_internal.complete_deliveries($1)", &[&late])
        .await
        .unwrap();
    assert_eq!((rows[0].get::<_, i64>(0), rows[0].get::<_, bool>(1)), (outbox_id, false));
    let owed: i64 = server.db.row("select count(*) from app.outbox", &[]).await.unwrap().get(0);
    assert_eq!(owed, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn stopping_finishes_what_is_under_way() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let (go, wait) = std::sync::mpsc::channel::<()>();
    hook.answer_with(move || {
        tokio::task::block_in_place(|| wait.recv().unwrap());
        StatusCode::OK.into_response()
    });
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    hook.received(1).await;
    let database_url = server.database_url.clone();
    let stopping = tokio::spawn(server.stop());
    go.send(()).unwrap();
    within("the end", stopping).await.unwrap();

    let client = crate::postgres::client(&database_url).await;
    let row =
        client.query_one("select state, attempts from reporting.deliveries", &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i32>(1)), ("delivered", 1));
}
