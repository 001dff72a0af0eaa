//! Sending again: one, many, by key and by admin.

use http::Method;
use serde_json::json;

use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, within};

#[tokio::test]
async fn f61_manual_retry_twice_is_two_requests_with_one_id() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let id = server.decided(1).await[0];
    let first = server.delivery(id, 2, "delivered").await;
    let path = format!("/deliveries/{}", first["id"]);
    for count in 2..=3 {
        let retry = server.call(Method::POST, &format!("{path}/retry"), None, 200).await;
        assert_eq!(retry["delivery"]["id"], first["id"]);
        hook.received(count).await;
        server.delivery(id, 2, "delivered").await;
    }
    let received = hook.so_far();
    assert_eq!(received.len(), 3);
    for again in &received {
        again.verify(&secret);
        assert_eq!((&again.id, &again.body), (&received[0].id, &received[0].body));
    }
    let shown = server.get(&path).await["delivery"].clone();
    let triggers: Vec<_> =
        shown["tries"].as_array().unwrap().iter().map(|one| one["trigger"].clone()).collect();
    assert_eq!(triggers, ["auto", "manual", "manual"]);
    assert_eq!(shown["webhook_id"], received[0].id);
    assert_eq!(shown["body"], received[0].body);
}

#[tokio::test]
async fn a_retry_goes_past_the_schedule_and_the_breaker() {
    let server = Server::start_with(|config| {
        config.outbound.as_mut().unwrap().schedule = vec![600.0, 600.0];
    })
    .await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    for _ in 0..5 {
        hook.answer(500);
    }
    let ids = server.decided(5).await;
    hook.received(5).await;
    server.endpoint_in("open").await;
    let late = server.decided(1).await[0];
    let delivery = server.delivery(late, 2, "owed").await;

    server.call(Method::POST, &format!("/deliveries/{}/retry", delivery["id"]), None, 200).await;
    server.delivery(late, 2, "delivered").await;
    // It was the probe: the others are due again.
    for id in ids {
        server.delivery(id, 2, "delivered").await;
    }
}

#[tokio::test]
async fn f62_bulk_replay_sends_each_failed_one_again_once() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    server.sql("update app.endpoint set state = 'paused'").await;
    server
        .sql(
            "select state.id from generate_series(1, 1000) n
             cross join lateral inbox.post_task('ti:sample', 'flag-content', external_id => n::text) posted
             cross join lateral (select * from inbox.set_task_state(posted.id, 'level1') offset 0) first
             cross join lateral (select * from inbox.set_task_state(first.id, 'allow') offset 0) state",
        )
        .await;
    server
        .sql("select inbox_internal.settle_deliveries(array(select id from app.outbox), 'failed')")
        .await;
    server.sql("update app.endpoint set state = 'enabled'").await;

    let asked = server.call(Method::POST, "/deliveries/replay", Some(json!({})), 202).await;
    assert_eq!(asked["matching"], 2000);
    let received = hook.received(2000).await;
    let mut last = std::collections::HashMap::new();
    let mut ids = std::collections::HashSet::new();
    for one in &received {
        let body = one.json();
        let task = body["data"]["task"]["id"].as_str().unwrap().to_owned();
        let sequence = body["data"]["sequence"].as_i64().unwrap();
        assert!(last.insert(task, sequence).is_none_or(|before| before < sequence));
        assert!(ids.insert(one.id.clone()), "{} came twice", one.id);
    }
    let client = postgres::client(&server.database_url).await;
    within("the end of the replay", async {
        let left = "select (select count(*) from app.outbox)
            + (select count(*) from app.replay where finished_at is null)
            + (select count(*) from app.delivery where outcome = 'failed')";
        while client.query_one(left, &[]).await.unwrap().get::<_, i64>(0) > 0 {}
    })
    .await;
    assert_eq!(hook.so_far().len(), 2000);
}

#[tokio::test]
async fn a_replay_takes_only_what_it_was_asked_for() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let ids = server.decided(3).await;
    for id in &ids {
        server.delivery(*id, 2, "delivered").await;
    }
    let second = server.delivery(ids[1], 2, "delivered").await;
    let since = second["created_at"].as_str().unwrap();
    let body = json!({"state": "delivered", "schema": "ti:sample", "since": since});
    let asked = server.call(Method::POST, "/deliveries/replay", Some(body), 202).await;
    assert_eq!(asked["matching"], 2);
    hook.received(5).await;

    for (body, code, status) in [
        (json!({"state": "void"}), "replay_outcome", 422),
        (json!({"schema": "nobody"}), "schema_exists", 404),
        (json!({"since": "yesterday"}), "body_shape", 422),
        (json!({"sinse": null}), "body_shape", 422),
    ] {
        let refused = server.call(Method::POST, "/deliveries/replay", Some(body), status).await;
        assert_eq!(refused["code"], code);
    }
}

#[tokio::test]
async fn who_posts_may_send_again_who_reads_may_look_and_answers_are_for_admins() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    hook.answer_with(|| axum::response::IntoResponse::into_response("<script>inside</script>"));
    let id = server.decided(1).await[0];
    let delivery = server.delivery(id, 2, "delivered").await;
    let path = format!("/deliveries/{}", delivery["id"]);
    let retry = format!("{path}/retry");

    let reader = server.make_key(&["read"], None).await;
    let poster = server.make_key(&["post"], None).await;
    let shown = server.call_with(&reader, Method::GET, &path, &[], None, 200).await;
    assert_eq!(shown["delivery"]["tries"][0]["response"], json!(null));
    let whole = server.get(&path).await;
    assert_eq!(whole["delivery"]["tries"][0]["response"], "<script>inside</script>");
    let refused = server.call_with(&reader, Method::POST, &retry, &[], None, 403).await;
    assert_eq!(refused["code"], "key_scope");
    let refused = server.call_with(&poster, Method::GET, &path, &[], None, 403).await;
    assert_eq!(refused["code"], "key_scope");
    server.call_with(&poster, Method::POST, &retry, &[], None, 200).await;
    hook.received(2).await;

    server.load(&crate::server::sample().replace("ti:sample", "other")).await;
    let stranger = server.make_key(&["read", "post", "admin"], Some("other")).await;
    let hidden = server.call_with(&stranger, Method::GET, &path, &[], None, 404).await;
    assert_eq!(hidden["code"], "delivery_exists");
    let hidden = server.call_with(&stranger, Method::POST, &retry, &[], None, 404).await;
    assert_eq!(hidden["code"], "delivery_exists");
    let list = server.call_with(&stranger, Method::GET, "/deliveries", &[], None, 200).await;
    assert_eq!(list["deliveries"], json!([]));
    for id in ["0", "-1", "x", "9223372036854775808", "%00"] {
        let gone = server.call(Method::GET, &format!("/deliveries/{id}"), None, 404).await;
        assert_eq!(gone["code"], "delivery_exists", "{id}");
    }
}

#[tokio::test]
async fn the_list_of_deliveries_is_filtered_and_paged() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let ids = server.decided(5).await;
    for id in &ids {
        server.delivery(*id, 2, "delivered").await;
    }
    let first = server.get("/deliveries?limit=2&state=delivered").await;
    let next = first["next"].as_str().unwrap();
    let second = server.get(&format!("/deliveries?limit=3&cursor={next}")).await;
    assert_eq!(second["next"], json!(null));
    let listed: Vec<_> = [&first, &second]
        .iter()
        .flat_map(|page| page["deliveries"].as_array().unwrap())
        .map(|one| one["task_id"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<String> = ids.iter().rev().map(ToString::to_string).collect();
    assert_eq!(listed, expected);
    let one = server.get(&format!("/deliveries?task={}", ids[3])).await;
    assert_eq!(one["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(server.get("/deliveries?endpoint=999").await["deliveries"], json!([]));
    let wrong = server.call(Method::GET, "/deliveries?cursor=x", None, 422).await;
    assert_eq!(wrong["code"], "cursor_form");
    for state in ["lost", "", "Owed"] {
        let wrong =
            server.call(Method::GET, &format!("/deliveries?state={state}"), None, 422).await;
        assert_eq!(wrong["code"], "delivery_state_known", "{state}");
    }
}
