//! Failing, busy, gone and hanging receivers.

use axum::response::IntoResponse;
use http::{Method, StatusCode};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::tasks_of;
use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, sample_to, within};

#[tokio::test]
async fn f04_exhausted_has_failed_and_is_kept_and_said_once() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    for _ in 0..5 {
        hook.answer(500);
    }
    let ids = server.decided(1).await;

    // Four steps are five attempts.
    let delivery = server.delivery(ids[0], 2, "failed").await;
    assert_eq!(delivery["attempts"], 5);
    assert_eq!(hook.so_far().len(), 5);
    let endpoint = server.endpoint("failing", |endpoint| endpoint["failed"] == 1).await;
    let notices = endpoint["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 1, "{endpoint}");
    assert!(notices[0].as_str().unwrap().contains("failed for good"), "{endpoint}");
}

#[tokio::test]
async fn f06_http_410_stops_one_endpoint_and_keeps_what_it_is_owed() {
    let (server, hook, other) = (Server::start().await, Hook::start().await, Hook::start().await);
    let source = sample_to(&hook.url)
        .replace("name: delete-acct,", &format!("name: delete-acct, hook_url: '{}',", other.url));
    server.load(&source).await;
    server.make_secret("ti:sample").await;
    hook.answer(410);
    let first = server.decided(1).await[0];
    let delivery = server.delivery(first, 2, "paused").await;
    assert!(delivery["reason"].as_str().unwrap().contains("410"), "{delivery}");
    let second = server.decided(1).await[0];
    server.delivery(second, 2, "paused").await;
    assert_eq!(hook.so_far().len(), 1);
    let endpoint = server.endpoint_in("disabled").await;
    assert_eq!(endpoint["notices"].as_array().unwrap().len(), 1, "{endpoint}");

    let task = json!({"schema_name": "ti:sample", "task": "delete-acct"});
    let third = server.post(task, 201).await["id"].as_str().unwrap().parse().unwrap();
    server.set_state(third, "deleted", 200).await;
    other.received(1).await;

    // A new version is somebody's word that the receiver is back.
    server.load(&source.replace("'1'", "'2'")).await;
    server.delivery(first, 2, "delivered").await;
    server.delivery(second, 2, "delivered").await;
    assert_eq!(server.endpoint_in("enabled").await["notices"], json!([]));
}

#[tokio::test]
async fn f07_http_429_seconds_leaves_the_whole_endpoint_alone() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    hook.answer_with(|| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response());
    let began = Instant::now();
    let first = server.decided(1).await[0];
    hook.received(1).await;
    server.delivery(first, 2, "owed").await;
    let second = server.decided(1).await[0];
    hook.received(3).await;
    assert!(began.elapsed() >= Duration::from_secs(1));
    // The one that only waited was not charged.
    assert_eq!(server.delivery(second, 2, "delivered").await["attempts"], 1);
}

#[tokio::test]
async fn f08_http_503_date_is_heeded_and_a_past_one_is_the_usual_step() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let date = |seconds: i64| {
        let at = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + seconds);
        jiff::fmt::rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&at.unwrap())
            .unwrap()
    };
    let (past, future) = (date(-3600), date(20));
    hook.answer_with(move || {
        (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", past)]).into_response()
    });
    hook.answer_with(move || {
        (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", future)]).into_response()
    });
    let id = server.decided(1).await[0];
    hook.received(2).await;

    let endpoint = server
        .endpoint("asked for quiet", |endpoint| {
            endpoint["quiet_until"].as_str().is_some_and(|until| {
                let until: jiff::Timestamp = until.parse().unwrap();
                let seconds = until.as_second() - jiff::Timestamp::now().as_second();
                (15..=21).contains(&seconds)
            })
        })
        .await;
    assert_eq!(endpoint["reason"], "the receiver asked for quiet");
    assert_eq!(server.delivery(id, 2, "owed").await["attempts"], 2);
}

#[tokio::test]
async fn f09_retry_after_abuse_is_bounded_or_ignored() {
    let server = Server::start().await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    let digits = "9".repeat(5000);
    for value in ["99999999999", "-1", "1e9", "NaN", digits.as_str()] {
        let value = value.to_owned();
        hook.answer_with(move || {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", value)]).into_response()
        });
        let id = server.decided(1).await[0];
        let hour = "select extract(epoch from quiet_until - now()) <= 3600 from app.endpoint";
        within("an answer that is heeded", async {
            while server.delivery(id, 2, "owed").await["attempts"] != 1 {}
        })
        .await;
        let row = server.db.row(hour, &[]).await.unwrap();
        assert_ne!(row.get::<_, Option<bool>>(0), Some(false));
        server.sql("update app.endpoint set quiet_until = null").await;
        server.sql("select inbox_internal.notify_all()").await;
        server.delivery(id, 2, "delivered").await;
    }
}

/// Takes connections and never answers; counts how many are open at once.
async fn hanging() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            held.push(listener.accept().await.unwrap());
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    (url, taken)
}

#[tokio::test]
async fn f33_one_endpoint_hangs_and_the_other_gets_all_of_its_own() {
    let (server, healthy) = (Server::start().await, Hook::start().await);
    let (hanging, taken) = hanging().await;
    let source = sample_to(&healthy.url)
        .replace("name: delete-acct,", &format!("name: delete-acct, hook_url: '{hanging}',"));
    server.load(&source).await;
    server.make_secret("ti:sample").await;
    let posted = "select set_state.id from generate_series(1, 100) n
        cross join lateral inbox.post_task('ti:sample', 'delete-acct', external_id => n::text) posted
        cross join lateral inbox.set_task_state(posted.id, 'deleted') set_state";
    server.sql(posted).await;
    within("the hanging one to be full", async {
        while taken.load(Ordering::Relaxed) < 16 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    server.decided(100).await;
    healthy.received(100).await;
    assert_eq!(taken.load(Ordering::Relaxed), 16);
}

#[tokio::test]
async fn f34_five_endpoints_hang_and_the_healthy_one_waits_one_timeout_at_most() {
    let server = Server::start_with(|config| {
        config.dial.timeouts.total = Duration::from_secs(2);
        config.outbound.as_mut().unwrap().schedule = vec![60.0];
    })
    .await;
    let healthy = Hook::start().await;
    let (url, taken) = hanging().await;
    let types: String = (1..=5)
        .map(|n| format!("- {{name: hang{n}, hook_url: '{url}{n}', resolved_states: [done]}}\n"))
        .collect();
    server.load(&(sample_to(&healthy.url) + &types)).await;
    server.make_secret("ti:sample").await;
    server
        .sql(
            "select decided.id from generate_series(1, 5) type cross join generate_series(1, 20) n
             cross join lateral inbox.post_task('ti:sample', 'hang' || type, external_id => n::text) posted
             cross join lateral inbox.set_task_state(posted.id, 'done') decided",
        )
        .await;
    within("all slots to be taken", async {
        while taken.load(Ordering::Relaxed) < 64 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    let began = Instant::now();
    server.decided(5).await;
    healthy.received(5).await;
    // One timeout and no more: its turn comes before the rest of those that hang.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn f35_breaker_cycle_probes_with_one_request_and_then_lets_all_go() {
    // The first retry is far away, so that only probes are seen.
    let server = Server::start_with(|config| {
        config.outbound.as_mut().unwrap().schedule = vec![60.0, 0.2, 0.3, 0.4];
    })
    .await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    for _ in 0..7 {
        hook.answer(500);
    }
    let failing = server.decided(5).await;
    hook.received(5).await;
    let endpoint = server.endpoint_in("open").await;
    assert_eq!(endpoint["failures"], 5);
    assert_eq!(endpoint["reason"], "the last 5 attempts failed");

    // Two probes fail, the third is accepted.
    let waiting = server.decided(10).await;
    server.endpoint_in("enabled").await;
    hook.received(7 + 15).await;
    for id in waiting.iter().chain(&failing) {
        server.delivery(*id, 2, "delivered").await;
    }
    let mut tried = Vec::new();
    for id in &waiting {
        tried.push(server.delivery(*id, 2, "delivered").await["attempts"].as_i64().unwrap());
    }
    tried.sort_unstable();
    // Nobody was charged for waiting: the probes were two of these.
    assert_eq!(tried, [1, 1, 1, 1, 1, 1, 1, 1, 2, 2]);
    assert_eq!(hook.so_far().len(), 22);
}

#[tokio::test]
async fn f36_auto_disable_resume_delivers_all_oldest_first() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    server
        .sql("update app.endpoint set failures = 9, failing_since = now() - interval '6 days', failed_at = now() - interval '1 hour'")
        .await;
    hook.answer(500);
    let first = server.decided(1).await[0];
    let endpoint = server.endpoint_in("disabled").await;
    assert_eq!(endpoint["reason"], "nothing was accepted for five days");
    assert_eq!(endpoint["notices"].as_array().unwrap().len(), 1, "{endpoint}");
    let mut ids = vec![first];
    ids.extend(server.decided(5).await);
    for id in &ids {
        server.delivery(*id, 2, "paused").await;
    }
    assert_eq!(hook.so_far().len(), 1);

    server.set_endpoint(&endpoint["id"], "enabled").await;
    hook.received(7).await;
    let expected: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let arrived = tasks_of(&hook);
    // One at first, then twice as many at once: the first two are certain.
    assert_eq!(arrived[1], expected[0]);
    assert!(arrived[2..4].contains(&expected[1]), "{arrived:?}");
    for id in &ids {
        server.delivery(*id, 2, "delivered").await;
    }
    assert_eq!(server.endpoint_in("enabled").await["notices"], json!([]));
}

#[tokio::test]
async fn what_failed_during_an_outage_is_owed_again_once_when_the_receiver_is_back() {
    let server =
        Server::start_with(|config| config.outbound.as_mut().unwrap().schedule = vec![0.05]).await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    for _ in 0..6 {
        hook.answer(500);
    }
    // Two attempts each: three fail for good, and with the fifth the breaker opens.
    let mut ids = server.decided(3).await;
    for id in &ids {
        server.delivery(*id, 2, "failed").await;
    }
    server.endpoint_in("open").await;
    ids.extend(server.decided(1).await);
    for id in &ids {
        server.delivery(*id, 2, "delivered").await;
    }
    server.endpoint_in("enabled").await;
    assert_eq!(server.get("/deliveries?state=failed").await["deliveries"], json!([]));
}

#[tokio::test]
async fn a_paused_endpoint_gets_nothing_until_it_is_enabled() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let endpoint = server.endpoint_in("enabled").await;
    let paused = server.set_endpoint(&endpoint["id"], "paused").await;
    assert_eq!(paused["endpoint"]["reason"], "paused by test");
    let id = server.decided(1).await[0];
    server.delivery(id, 2, "paused").await;
    // A new schema version is no word about what a person has stopped.
    server.load(&sample_to(&hook.url).replace("'1'", "'2'")).await;
    server.delivery(id, 2, "paused").await;
    assert!(hook.so_far().is_empty());

    server.set_endpoint(&endpoint["id"], "enabled").await;
    server.delivery(id, 2, "delivered").await;
    let path = format!("/endpoints/{}", endpoint["id"]);
    let wrong = server.call(Method::PATCH, &path, Some(json!({"state": "open"})), 422).await;
    assert_eq!(wrong["code"], "endpoint_state_known");
    let unknown =
        server.call(Method::PATCH, "/endpoints/999", Some(json!({"state": "paused"})), 404);
    assert_eq!(unknown.await["code"], "endpoint_exists");
}

#[tokio::test]
async fn f49_clock_step_sender_holds_nothing_for_years() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    server.set_endpoint(&server.endpoint_in("enabled").await["id"], "paused").await;
    let ids = server.decided(2).await;
    // As a clock that was years ahead would have left them.
    server
        .sql(
            "update app.outbox set due_at = now() + interval '3 years',
               worker_id = case when id = (select max(id) from app.outbox) then 99 end,
               leased_until = case when id = (select max(id) from app.outbox) then now() + interval '3 years' end",
        )
        .await;
    server
        .sql("update app.endpoint set state = 'enabled', quiet_until = now() + interval '3 years'")
        .await;
    for id in ids {
        server.delivery(id, 2, "delivered").await;
    }
    let client = postgres::client(&server.database_url).await;
    let left = client.query_one("select count(*) from app.outbox", &[]).await.unwrap();
    assert_eq!(left.get::<_, i64>(0), 0);
}
