//! The feed for receivers that cannot be called.

use http::Method;
use serde_json::{Value, json};

use crate::hook::Hook;
use crate::server::{Server, sample, within};

#[tokio::test]
async fn the_feed_has_what_webhooks_have_and_goes_on_where_it_was_left() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    assert_eq!(server.get("/events").await, json!({"events": [], "next": 0}));
    let ids = server.decided(5).await;
    let received = hook.received(5).await;

    let page = server.get("/events?after=0&limit=3").await;
    let rest = server.get(&format!("/events?after={}", page["next"])).await;
    let events: Vec<Value> =
        [&page, &rest].iter().flat_map(|page| page["events"].as_array().unwrap().clone()).collect();
    assert_eq!(events.len(), 5);
    for (event, id) in events.iter().zip(&ids) {
        assert_eq!(event["data"]["task"]["id"], json!(id));
        let webhook = received.iter().find(|webhook| event["id"] == webhook.id).unwrap();
        assert_eq!(event["data"], webhook.json()["data"]);
        assert_eq!(event["type"], "task.resolved");
    }
    let end = server.get(&format!("/events?after={}", rest["next"])).await;
    assert_eq!(end, json!({"events": [], "next": rest["next"]}));
}

#[tokio::test]
async fn who_waits_for_the_feed_is_answered_when_something_happens() {
    let server = Server::start().await;
    // No hook, no secret: nobody is called and the feed still has it.
    server.load(&sample()).await;
    let id = server.post_flag().await;
    let waiting = server.get("/events?after=0&wait=30");
    let (events, _) = tokio::join!(waiting, server.set_state(id, "allow", 200));
    assert_eq!(events["events"][0]["data"]["state"], "allow");
    let none = server.call(Method::GET, "/events?wait=61", None, 422).await;
    assert_eq!(none["code"], "wait_limit");
}

#[tokio::test]
async fn a_limited_key_reads_its_own_events_and_skips_the_rest_at_once() {
    let server = Server::start().await;
    server.load(&sample()).await;
    server.load(&sample().replace("ti:sample", "other")).await;
    server.decided(4).await;
    let key = server.make_key(&["read"], Some("other")).await;
    let page = server.call_with(&key, Method::GET, "/events", &[], None, 200).await;
    let newest = server.get("/events").await["next"].clone();
    assert_eq!(page, json!({"events": [], "next": newest}));
    assert_ne!(newest, 0);
}

#[tokio::test]
async fn many_readers_and_writers_at_once_miss_nothing() {
    let server = Server::start().await;
    server.load(&sample()).await;
    let writing = async {
        let walks = (0..4).map(|_| server.decided(25));
        futures_util::future::join_all(walks).await;
    };
    let reader = async || {
        let (mut after, mut seen) = (0, Vec::new());
        while seen.len() < 100 {
            let page = server.get(&format!("/events?after={after}&wait=5&limit=7")).await;
            seen.extend(page["events"].as_array().unwrap().clone());
            after = page["next"].as_i64().unwrap();
        }
        seen.iter().map(|event| event["seq"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let (first, second, ()) =
        within("the feed", async { tokio::join!(reader(), reader(), writing) }).await;
    assert_eq!(first, second);
    assert_eq!(first.len(), 100);
    assert!(first.is_sorted());
}

#[tokio::test]
async fn quick_events_of_a_task_are_in_their_order() {
    let server = Server::start().await;
    server.load(&sample()).await;
    // Many within one millisecond.
    let sql = "select third.id from generate_series(1, 200) n
        cross join lateral inbox.post_task('ti:sample', 'flag-content', external_id => n::text) posted
        cross join lateral (select * from inbox.set_task_state(posted.id, 'level1') offset 0) first
        cross join lateral (select * from inbox.set_task_state(first.id, 'level2') offset 0) second
        cross join lateral (select * from inbox.set_task_state(second.id, 'allow') offset 0) third";
    server.db.run(sql, &[]).await.unwrap();
    let (mut after, mut last, mut count) = (0, std::collections::HashMap::new(), 0);
    loop {
        let page = server.get(&format!("/events?after={after}&limit=200")).await;
        let events = page["events"].as_array().unwrap();
        if events.is_empty() {
            break;
        }
        for event in events {
            let sequence = event["data"]["sequence"].as_i64().unwrap();
            let before = last.insert(event["data"]["task"]["id"].to_string(), sequence);
            assert!(before.is_none_or(|before| before < sequence), "{before:?} {sequence}");
        }
        count += events.len();
        after = page["next"].as_i64().unwrap();
    }
    assert_eq!(count, 600);
    let beyond = format!("/events?after={}", after + 1);
    let refused = server.call(Method::GET, &beyond, None, 422).await;
    assert_eq!(refused["code"], "feed_place");
}
