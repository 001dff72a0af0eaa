//! Others are slow, silent or in the way: nobody waits for ever.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::hook::Hook;
use crate::postgres;
use crate::queue::worker;
use crate::server::{Server, within};

#[tokio::test]
async fn a_transaction_left_open_at_psql_stops_nobody_else() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let (busy, free) = (server.post_flag().await, server.post_flag().await);
    let client = postgres::client(&server.database_url).await;
    client.batch_execute("begin").await.unwrap();
    client.query("select * from inbox.set_task_state($1, 'level1')", &[&busy]).await.unwrap();

    // More than there are connections.
    let path = format!("/tasks/{busy}/state");
    let body = || Some(json!({"state": "allow"}));
    let waiting = (0..20).map(|_| server.call(Method::PATCH, &path, body(), 503));
    let (refused, _) = tokio::join!(futures_util::future::join_all(waiting), async {
        within("another's decision", server.set_state(free, "allow", 200)).await;
    });
    assert!(refused.iter().any(|problem| problem["code"] == "lock_free"), "{refused:?}");
    client.batch_execute("commit").await.unwrap();
    server.set_state(busy, "allow", 200).await;
}

#[tokio::test]
async fn the_beat_waits_for_no_lock_and_leaves_no_session_behind() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let id = server.post_flag().await;
    let client = postgres::client(&server.database_url).await;
    let listening = worker(&client).await;
    client.batch_execute("begin; lock table app.outbox in access exclusive mode").await.unwrap();
    let waits =
        "select coalesce(wait_event_type = 'Lock', false) from pg_stat_activity where pid = $1";
    let beat = async |waiting: bool| {
        within(if waiting { "a beat at the lock" } else { "the beat's end" }, async {
            while client.query_one(waits, &[&listening]).await.unwrap().get::<_, bool>(0) != waiting
            {
            }
        })
        .await;
    };
    for _ in 0..2 {
        beat(true).await;
        beat(false).await;
    }
    client.batch_execute("commit").await.unwrap();
    assert_eq!(worker(&client).await, listening, "still the same session");
    server.set_state(id, "allow", 200).await;
    hook.received(1).await;
}

#[tokio::test]
async fn fifty_who_sign_in_at_once_are_all_answered() {
    let server = Server::start().await;
    crate::server::make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let form = "name=ana&password=correct+horse+battery";
    let tries = (0..50).map(|_| {
        server
            .http
            .post(format!("{}/login", server.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .timeout(Duration::from_secs(20))
            .body(form)
            .send()
    });
    for answer in futures_util::future::join_all(tries).await {
        assert_eq!(answer.unwrap().status(), 303);
    }
}
