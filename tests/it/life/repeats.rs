//! The same request twice is one, for every verb; and no request is answered with 5xx.

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, new_task};
use crate::cli::shell::Shell;

/// The road of each verb, a body of its own and another.
fn verbs() -> Vec<(Method, &'static str, Value, Value)> {
    let hours =
        |hours| (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours)).to_string();
    vec![
        (Method::PATCH, "", json!({"tags": ["x"]}), json!({"tags": ["y"]})),
        (Method::POST, "/comments", json!({"body": "x"}), json!({"body": "y"})),
        (Method::POST, "/assign", json!({"to": "ana"}), json!({"to": "bob"})),
        (Method::POST, "/snooze", json!({"until": hours(1)}), json!({"until": hours(2)})),
        (Method::POST, "/actions/scan", json!({"done": true}), json!({"done": false})),
        (Method::POST, "/claim", json!({}), json!({"take": true})),
        (Method::POST, "/release", json!({}), json!(null)),
        (Method::PATCH, "/state", json!({"state": "done"}), json!({"state": "dropped"})),
        (Method::POST, "/reopen", json!({"comment": "x"}), json!({"comment": "y"})),
        (Method::POST, "/withdraw", json!({"reason": "x"}), json!({"reason": "y"})),
    ]
}

async fn ask(
    desk: &Desk,
    key: &str,
    road: &Method,
    path: &str,
    body: &Value,
    name: &str,
) -> (u16, Value) {
    let request =
        desk.server.http.request(road.clone(), format!("{}/api/v1{path}", desk.server.url));
    let response = request
        .bearer_auth(key)
        .header("idempotency-key", name)
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn the_same_verb_twice_under_one_key_is_done_once() {
    let desk = Desk::open().await;
    let id = desk.post("careful", json!({})).await;
    let key = desk.server.key.clone();
    let steps = async || desk.steps(id).await.len();
    for (road, verb, body, other) in verbs() {
        let (path, name) = (format!("/tasks/{id}{verb}"), format!("once{verb}"));
        let before = steps().await;
        let (status, first) = ask(&desk, &key, &road, &path, &body, &name).await;
        assert_eq!((status, steps().await), (200, before + 1), "{verb}: {first}");
        // Nobody else has the key; also when the task is settled by now.
        let (status, again) = ask(&desk, &key, &road, &path, &body, &name).await;
        assert_eq!((status, steps().await), (200, before + 1), "{verb}: {again}");
        assert_eq!(first["task"]["version"], again["task"]["version"], "{verb}");
        if !other.is_null() {
            let (status, refused) = ask(&desk, &key, &road, &path, &other, &name).await;
            assert_eq!(
                (status, &refused["code"]),
                (422, &json!("idempotency_key_reused")),
                "{verb}"
            );
        }
        // Under the same name another verb is another request.
        let elsewhere = json!({"body": "elsewhere"});
        let (status, _) =
            ask(&desk, &key, &Method::POST, &format!("/tasks/{id}/comments"), &elsewhere, &name)
                .await;
        assert_eq!(status, 422, "{verb}");
    }
}

#[tokio::test]
async fn a_rotated_key_finds_what_its_predecessor_did_and_no_other_key_does() {
    let desk = Desk::open().await;
    let shell = Shell { database_url: desk.server.database_url.clone() };
    let old = desk.server.key.clone();
    let rotate = async |key: &str, overlap: &str| {
        let made = shell.json(&["api-key", "rotate", &key[..12], "--overlap", overlap]).await;
        made["key"].as_str().unwrap().to_owned()
    };
    let stranger = desk.server.make_key(&["read", "post", "resolve", "admin"], None).await;
    let new = rotate(&old, "2d").await;

    let post = new_task("careful", json!({}));
    let (status, first) = ask(&desk, &old, &Method::POST, "/tasks", &post, "post").await;
    assert_eq!(status, 201);
    for key in [&new, &old] {
        let (status, again) = ask(&desk, key, &Method::POST, "/tasks", &post, "post").await;
        assert_eq!((status, &again["id"]), (200, &first["id"]));
    }
    let other = new_task("careful", json!({"tags": ["x"]}));
    let (status, refused) = ask(&desk, &new, &Method::POST, "/tasks", &other, "post").await;
    assert_eq!((status, &refused["code"]), (422, &json!("idempotency_key_reused")));
    let (status, theirs) = ask(&desk, &stranger, &Method::POST, "/tasks", &other, "post").await;
    assert_eq!(status, 201);
    assert_ne!(theirs["id"], first["id"]);

    // The line goes on, and the first of it has ended.
    let newest = rotate(&new, "2d").await;
    shell.run(&["api-key", "revoke", &old[..12]]).await.ok();
    let id: Uuid = first["id"].as_str().unwrap().parse().unwrap();
    for (road, verb, body, other) in verbs() {
        let (path, name) = (format!("/tasks/{id}{verb}"), format!("once{verb}"));
        let (status, done) = ask(&desk, &new, &road, &path, &body, &name).await;
        assert_eq!(status, 200, "{verb}: {done}");
        let steps = desk.steps(id).await;
        let (status, again) = ask(&desk, &newest, &road, &path, &body, &name).await;
        assert_eq!((status, &done["task"]["version"]), (200, &again["task"]["version"]), "{verb}");
        assert_eq!(desk.steps(id).await, steps, "{verb}");
        if !other.is_null() {
            let (_, refused) = ask(&desk, &newest, &road, &path, &other, &name).await;
            assert_eq!(refused["code"], "idempotency_key_reused", "{verb}");
        }
        // To another line the name is new: it asks for what it asks for.
        let (_, theirs) = ask(&desk, &stranger, &road, &path, &other, &name).await;
        assert_ne!(theirs["code"], "idempotency_key_reused", "{verb}");
    }
}

#[tokio::test]
async fn what_was_seen_is_no_part_of_what_is_asked() {
    let desk = Desk::open().await;
    let id = desk.post("note", json!({})).await;
    let path = format!("/tasks/{id}/state");
    for version in ["\"1\"", "\"2\""] {
        let headers = [("idempotency-key", "k"), ("if-match", version)];
        let body = Some(json!({"state": "done"}).to_string());
        desk.server.call_with(&desk.server.key, Method::PATCH, &path, &headers, body, 200).await;
    }
    assert_eq!(desk.steps(id).await, ["posted", "resolved"]);
}

#[tokio::test]
async fn a_refused_request_may_be_made_again_under_its_key() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    let (path, key) = (format!("/tasks/{id}/state"), desk.server.key.clone());
    let (bad, good) =
        (json!({"state": "approve", "args": {"amount": 0}}), json!({"state": "deny"}));
    assert_eq!(ask(&desk, &key, &Method::PATCH, &path, &bad, "k").await.0, 422);
    assert_eq!(ask(&desk, &key, &Method::PATCH, &path, &good, "k").await.0, 200);
}

#[tokio::test]
async fn no_shape_of_a_body_is_answered_with_5xx() {
    let desk = Desk::open().await;
    let id = desk.post("careful", json!({})).await;
    let elsewhere = Uuid::now_v7();
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let long = format!("\"{}\"", "x".repeat(300_000));
    let values = [
        "null",
        "true",
        "0",
        "-1",
        "1e400",
        "\"\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"🙂\"",
        "[]",
        "{}",
        "[null]",
        "\"-009999-01-01T00:00:00Z\"",
        "\"0000-01-01T00:00:00Z\"",
        "\"infinity\"",
        &deep,
        &long,
    ];
    for (road, verb, body, _) in verbs() {
        let members = body.as_object().unwrap().keys().cloned();
        let mut bodies: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        for name in members.chain(["meta", "args", "nothing"].map(str::to_owned)) {
            bodies.extend(values.iter().map(|value| format!("{{\"{name}\": {value}}}")));
        }
        for task in [id, elsewhere] {
            for body in &bodies {
                let path = format!("{}/api/v1/tasks/{task}{verb}", desk.server.url);
                let request =
                    desk.server.http.request(road.clone(), path).bearer_auth(&desk.server.key);
                let status = request.body(body.clone()).send().await.unwrap().status().as_u16();
                let shown: String = body.chars().take(80).collect();
                assert!(status < 500, "{verb} {shown}: {status}");
                assert!(task == id || status >= 400, "{verb} {shown}: {status}");
            }
        }
    }
    super::invariants::hold(&desk).await;
}

#[tokio::test]
async fn a_key_for_another_schema_finds_no_task_by_any_verb() {
    let desk = Desk::open().await;
    desk.server.load(&crate::server::sample()).await;
    let id = desk.post("careful", json!({})).await;
    let stranger =
        desk.server.make_key(&["read", "post", "resolve", "admin"], Some("ti:sample")).await;
    for (road, verb, body, _) in verbs() {
        let path = format!("/tasks/{id}{verb}");
        let (status, refused) = ask(&desk, &stranger, &road, &path, &body, "k").await;
        assert_eq!((status, &refused["code"]), (404, &json!("task_exists")), "{verb}");
    }
    let new = new_task("note", json!({}));
    assert_eq!(
        ask(&desk, &stranger, &Method::POST, "/tasks", &new, "k").await.1["code"],
        "key_schema"
    );
    assert_eq!(desk.steps(id).await, ["posted"]);
}
