//! Webhooks in order, over several workers, once settled never again.

use std::time::Duration;

use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;
use task_inbox::serve::Part;

use crate::hook::Hook;
use crate::server::{Server, within};

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
