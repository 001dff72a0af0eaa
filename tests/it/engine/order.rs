//! The events of one task, one after another.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use task_inbox::json::Json;

use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, sample_to, within};

/// Takes up to 50 ms for each answer, no two alike.
async fn unsteady(seen: Arc<Mutex<Vec<(String, i64)>>>) -> String {
    let receive = async move |Json(body): Json<Value>| {
        let task = body["data"]["task"]["id"].as_str().unwrap().to_owned();
        seen.lock().unwrap().push((task, body["data"]["sequence"].as_i64().unwrap()));
        let pause = Uuid::new_v4().as_u128() % 50;
        tokio::time::sleep(Duration::from_millis(pause as u64)).await;
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(receive);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

#[tokio::test]
async fn f57_order_per_task_is_kept_by_a_receiver_of_any_speed() {
    let (server, seen) = (Server::start().await, Arc::new(Mutex::new(Vec::new())));
    server.with_hook_at(&unsteady(seen.clone()).await).await;
    let walks = (0..100).map(|_| async {
        let id = server.post_flag().await;
        for state in ["level1", "level2", "block"] {
            server.set_state(id, state, 200).await;
        }
        id
    });
    let ids = futures_util::future::join_all(walks).await;
    within("all to arrive", async {
        while seen.lock().unwrap().len() < 300 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    for id in ids {
        let seen = seen.lock().unwrap();
        let sequences: Vec<i64> =
            seen.iter().filter(|(task, _)| *task == id.to_string()).map(|(_, n)| *n).collect();
        assert_eq!(sequences, [2, 3, 4]);
    }
}

#[tokio::test]
async fn f48_clock_skew_receiver_rejects_and_gets_a_fresh_signature() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    // As a receiver answers whose clock is off.
    hook.answer(401);
    server.decided(1).await;
    let received = hook.received(2).await;
    let now = jiff::Timestamp::now().as_second();
    for one in &received {
        let said: i64 = one.headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
        assert!((now - 60..=now).contains(&said), "{said} at {now}");
        one.verify(&secret);
    }
    assert_eq!(received[0].id, received[1].id);

    // What the published library does with a clock that is more than 5 minutes off.
    let library = standardwebhooks::Webhook::new(&secret).unwrap();
    for (skew, good) in [(-301, false), (301, false), (-290, true), (290, true)] {
        let (id, body) = ("evt_1", received[0].body.as_bytes());
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", id.parse().unwrap());
        headers.insert("webhook-timestamp", (now + skew).into());
        let signature = library.sign(id, now + skew, body).unwrap();
        headers.insert("webhook-signature", signature.parse().unwrap());
        assert_eq!(library.verify(body, &headers).is_ok(), good, "{skew}");
    }
}

#[tokio::test]
async fn f58_order_with_poison_waits_for_three_attempts_only() {
    let server = Server::start_with(|config| {
        config.outbound.as_mut().unwrap().schedule = vec![0.1, 0.1, 60.0];
    })
    .await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    for _ in 0..3 {
        hook.answer(500);
    }
    let id = server.post_flag().await;
    for state in ["level1", "level2", "block"] {
        server.set_state(id, state, 200).await;
    }
    let received = hook.received(5).await;
    let sequence = |n: usize| received[n].json()["data"]["sequence"].as_i64().unwrap();
    assert_eq!([sequence(0), sequence(1), sequence(2)], [2, 2, 2]);
    assert_eq!([sequence(3), sequence(4)], [3, 4]);
    // The poison one is still tried.
    server.delivery(id, 2, "owed").await;
    server.delivery(id, 3, "delivered").await;
    server.delivery(id, 4, "delivered").await;
}

#[tokio::test]
async fn f63_url_changed_midway_moves_what_waits_to_the_newest_address() {
    let (server, old, new) = (Server::start().await, Hook::start().await, Hook::start().await);
    server.with_hook(&old).await;
    old.answer(500);
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    old.received(1).await;
    server.load(&sample_to(&new.url).replace("'1'", "'2'")).await;
    server.delivery(id, 2, "delivered").await;
    assert_eq!((old.so_far().len(), new.so_far().len()), (1, 1));
    assert_eq!(old.so_far()[0].id, new.so_far()[0].id);
}

#[tokio::test]
async fn f64_secret_missing_or_url_gone_blocks_with_the_reason_and_refuses_nobody() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.load(&sample_to(&hook.url)).await;
    let id = server.post_flag().await;
    server.set_state(id, "level1", 200).await;
    server.set_state(id, "level2", 200).await;
    let delivery = server.delivery(id, 2, "blocked").await;
    assert_eq!(
        (&delivery["reason"], &delivery["attempts"]),
        (&json!("no signing secret yet"), &json!(0))
    );

    // The newest version names no hook URL any more.
    let none: String = sample_to("x")
        .replace("'1'", "'2'")
        .lines()
        .filter(|line| !line.starts_with("default_hook_url"))
        .map(|line| format!("{line}\n"))
        .collect();
    server.load(&none).await;
    let secret = server.make_secret("ti:sample").await;
    let delivery = server.delivery(id, 2, "blocked").await;
    assert_eq!(delivery["reason"], "the newest schema version names no hook URL");

    server.load(&sample_to(&hook.url).replace("'1'", "'3'")).await;
    server.delivery(id, 3, "delivered").await;
    let received = hook.so_far();
    assert_eq!(received.len(), 2);
    received[0].verify(&secret);
}

#[tokio::test]
async fn a_replay_beside_a_successor_on_its_way_keeps_both() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let id = server.post_flag().await;
    server.set_state(id, "level1", 200).await;
    let first = server.delivery(id, 2, "delivered").await;
    let client = postgres::client(&server.database_url).await;
    let path = format!("/deliveries/{}/retry", first["id"]);
    for round in 0..20 {
        let state = if round % 2 == 0 { "level2" } else { "level1" };
        let retry = server.call(http::Method::POST, &path, None, 200);
        tokio::join!(retry, server.set_state(id, state, 200));
        within("everything to be settled", async {
            let left = "select count(*) from app.outbox";
            while client.query_one(left, &[]).await.unwrap().get::<_, i64>(0) > 0 {}
        })
        .await;
    }
    let sequences: std::collections::BTreeSet<i64> = hook
        .so_far()
        .iter()
        .map(|received| received.json()["data"]["sequence"].as_i64().unwrap())
        .collect();
    assert_eq!(sequences, (2..=22).collect());
}
