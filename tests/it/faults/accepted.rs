//! What arrives, to the byte: headers, signature, body.

use axum::response::IntoResponse;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use serde_json::json;
use standardwebhooks::Webhook;

use crate::faults::attempt;
use crate::hook::Hook;
use crate::server::Server;

#[tokio::test]
async fn f01_ok_200_reaches_the_application_signed() {
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
    assert_eq!(server.delivery(id, 2, "delivered").await["attempts"], 1);
}

#[tokio::test]
async fn f02_ok_204_empty_is_delivered() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    hook.answer_with(|| StatusCode::NO_CONTENT.into_response());
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let delivery = server.delivery(id, 2, "delivered").await;
    assert_eq!((&delivery["attempts"], &delivery["status"]), (&json!(1), &json!(204)));
    let tried = attempt(&server, id, 1).await;
    assert_eq!((tried.response.as_str(), tried.error.as_str()), ("", ""));
}

#[tokio::test]
async fn f54_tampered_or_replayed_is_refused_by_the_published_library() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let received = hook.received(1).await.remove(0);
    received.verify(&secret);

    let library = Webhook::new(&secret).unwrap();
    let verifies =
        |body: &str, headers: &HeaderMap| library.verify(body.as_bytes(), headers).is_ok();
    assert!(!verifies(&received.body.replace("allow", "block"), &received.headers));
    for header in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut headers = received.headers.clone();
        headers.insert(header, "1".parse().unwrap());
        assert!(!verifies(&received.body, &headers), "{header}");
        headers.remove(header);
        assert!(!verifies(&received.body, &headers), "{header}");
    }

    // The same request, had it been made some minutes ago.
    for (age, accepted) in [(200, true), (360, false)] {
        let then = Timestamp::now().as_second() - age;
        let signature = library.sign(&received.id, then, received.body.as_bytes()).unwrap();
        let mut headers = received.headers.clone();
        headers.insert("webhook-timestamp", then.into());
        headers.insert("webhook-signature", signature.parse().unwrap());
        assert_eq!(verifies(&received.body, &headers), accepted, "{age}");
    }
}

#[tokio::test]
async fn f55_unicode_and_big_numbers_are_sent_as_stored() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let meta = r#"{"text": "Zoë 🦊 \u2028 \" \\ </script>", "big": 9223372036854775808, "price": 1.10,
        "digits": 12345678901234567890123456789012345678, "a": 1, "A": 2, "a ": 3, "á": 4, "a\u0301": 5}"#;
    let body = format!(r#"{{"schema_name": "ti:sample", "task": "flag-content", "meta": {meta}}}"#);
    let posted = server.call_with(&server.key, Method::POST, "/tasks", &[], Some(body), 201).await;
    let id = posted["id"].as_str().unwrap().parse().unwrap();
    server.set_state(id, "allow", 200).await;

    let received = hook.received(1).await.remove(0);
    received.verify(&secret);
    for written in [
        "9223372036854775808",
        "1.10",
        "12345678901234567890123456789012345678",
        "🦊 \u{2028}",
        r#""a ": 3"#,
        r#""á": 4"#,
        "\"a\u{301}\": 5",
    ] {
        assert!(received.body.contains(written), "{written}: {}", received.body);
    }
    let sql = "select body from app.event where task_id = $1 and sequence = 2";
    let stored: String = server.db.row(sql, &[&id]).await.unwrap().get(0);
    assert_eq!(received.body, stored);
}

#[tokio::test]
async fn f56_body_over_limit_goes_without_the_facts() {
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
