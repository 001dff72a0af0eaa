//! Operators hear of what failed and of what was stopped; our own faults stop
//! webhooks and no decision.

use http::Method;
use serde_json::json;
use task_inbox::config::Ops;
use url::Url;

use crate::hook::{Hook, Received};
use crate::server::{Server, free_port};

#[tokio::test]
async fn operators_are_told_once_at_their_own_address_until_it_takes_it() {
    let (operators, hook) = (Hook::start().await, Hook::start().await);
    let url: Url = operators.url.parse().unwrap();
    let server = Server::start_with(|config| config.notice_url = Some(url)).await;
    server.with_hook(&hook).await;
    hook.answer(410);
    operators.answer(500);
    let id = server.decided(1).await[0];
    server.delivery(id, 2, "paused").await;
    operators.received(1).await;
    // The next try is in 30 s; here at once.
    server.sql("update app.notice set try_at = now()").await;
    let notes: Vec<_> = operators.received(2).await.iter().map(Received::json).collect();
    assert_eq!(notes[0], notes[1]);
    assert_eq!(notes[1]["kind"], "endpoint_disabled");
    assert_eq!(notes[1]["schema"], "ti:sample");
    assert!(notes[1]["text"].as_str().unwrap().contains("410"), "{notes:?}");
    assert!(notes[1]["url"].as_str().unwrap().ends_with("/deliveries"), "{notes:?}");
}

#[tokio::test]
async fn a_wrong_setting_stops_webhooks_and_no_decision_and_the_page_says_so() {
    let fault = "`TASK_INBOX_RETRY_SCHEDULE` must be seconds";
    let server = Server::start_with(|config| config.outbound = Err(fault.to_owned())).await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    let id = server.decided(1).await[0];
    let delivery = server.delivery(id, 2, "blocked").await;
    assert_eq!((&delivery["reason"], &delivery["attempts"]), (&json!(fault), &json!(0)));
    let endpoint = server.endpoint("not sendable", |endpoint| endpoint["sendable"] == false).await;
    let ping = format!("/endpoints/{}/ping", endpoint["id"]);
    let refused = server.call(Method::POST, &ping, None, 409).await;
    assert_eq!(refused["detail"], fault);
    crate::server::make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let cookie = server.sign_in("ana").await;
    let page = server.page("/", &cookie, 200).await;
    assert!(page.contains("TASK_INBOX_RETRY_SCHEDULE"), "{page}");

    // Mended, it goes out.
    let database_url = server.database_url.clone();
    server.stop().await;
    let server = Server::on(&database_url, task_inbox::serve::Part::All).await;
    server.delivery(id, 2, "delivered").await;
}

#[tokio::test]
async fn a_ping_says_what_came_of_it_and_is_no_delivery() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let id = server.endpoint_in("enabled").await["id"].clone();
    let ping = format!("/endpoints/{id}/ping");
    hook.answer(500);
    let failed = server.call(Method::POST, &ping, None, 200).await;
    assert_eq!((&failed["accepted"], &failed["status"]), (&json!(false), &json!(500)));
    // An open breaker is no reason not to ask.
    server
        .sql("update app.endpoint set state = 'open', open_until = now() + interval '1 hour'")
        .await;
    let accepted = server.call(Method::POST, &ping, None, 200).await;
    assert_eq!((&accepted["accepted"], &accepted["status"]), (&json!(true), &json!(200)));
    let received = hook.received(2).await;
    received[1].verify(&secret);
    assert_eq!(received[1].json()["type"], "webhook.ping");
    assert_eq!(server.get("/deliveries").await["deliveries"], json!([]));
    let reader = server.make_key(&["read", "post"], None).await;
    server.call_with(&reader, Method::POST, &ping, &[], None, 403).await;
}

#[tokio::test]
async fn operators_read_gauges_on_a_listener_of_their_own() {
    let port = free_port().await;
    let server = Server::start_with(|config| {
        config.ops = Ops { listen: Some(port), is_given: true };
    })
    .await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    hook.answer(410);
    let id = server.decided(1).await[0];
    server.delivery(id, 2, "paused").await;
    server.post_flag().await;
    let read = async |path: &str| {
        let answer = server.http.get(format!("http://{port}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    };
    assert_eq!((read("/livez").await, read("/readyz").await), ("ok\n".into(), "ok\n".into()));
    let text = read("/metrics").await;
    for line in [
        "# TYPE task_inbox_endpoint_up gauge",
        "task_inbox_deliveries_owed{schema=\"ti:sample\",task_type=\"\"} 1",
        "task_inbox_endpoint_up{schema=\"ti:sample\",task_type=\"\"} 0",
        "task_inbox_notices_standing 1",
        "task_inbox_tasks_open 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    // Nobody else sees them.
    let outside = server.http.get(format!("{}/metrics", server.url)).send().await.unwrap();
    assert_eq!(outside.status(), 404);
}
