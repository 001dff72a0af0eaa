//! The API: by a key with the right scope, and by nothing else.

use http::Method;
use serde_json::Value;

use super::{World, answered};
use crate::server::Server;

const SCOPES: [&str; 5] = ["read", "post", "resolve", "event", "admin"];
const SCHEMA: &str = "name: new\nsemver: '1'\ntasktypes: [{name: t, resolved_states: [done]}]\n";
const TASK: &str = r#"{"schema_name":"ti:sample","task":"flag-content"}"#;

const BATCH: &str = r#"{"tasks":[{"schema_name":"ti:sample","task":"flag-content"}]}"#;

pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub body: &'static str,
    /// One of them is enough.
    pub scopes: &'static [&'static str],
    /// What a key with such a scope is answered.
    right: (u16, &'static str),
    /// A key with every scope, of another schema.
    elsewhere: (u16, &'static str),
}

const fn route(
    method: &'static str,
    path: &'static str,
    body: &'static str,
    scopes: &'static [&'static str],
    right: (u16, &'static str),
    elsewhere: (u16, &'static str),
) -> Route {
    Route { method, path, body, scopes, right, elsewhere }
}

const READ: &[&str] = &["read"];
const ADMIN: &[&str] = &["admin"];
const POST: &[&str] = &["post"];
const RESOLVE: &[&str] = &["resolve"];
const EITHER: &[&str] = &["post", "resolve"];
const REOPEN: &[&str] = &["resolve", "admin"];
const RESEND: &[&str] = &["post", "admin"];
const OK: (u16, &str) = (200, "");
const NO_TASK: (u16, &str) = (404, "task_exists");
const NO_ACTION: (u16, &str) = (404, "action_declared");
const NO_ATTACHMENT: (u16, &str) = (404, "attachment_exists");
const NO_DELIVERY: (u16, &str) = (404, "delivery_exists");
const NO_ENDPOINT: (u16, &str) = (404, "endpoint_exists");
const NO_SCHEMA: (u16, &str) = (404, "schema_exists");
const NOT_YOURS: (u16, &str) = (403, "key_schema");

pub const ROUTES: &[Route] = &[
    // A list has only what is one's own.
    route("GET", "/api/v1/tasks", "", READ, OK, OK),
    route("POST", "/api/v1/tasks", TASK, POST, (201, ""), NOT_YOURS),
    route("GET", "/api/v1/tasks/", "", READ, OK, OK),
    route("POST", "/api/v1/tasks/", TASK, POST, (201, ""), NOT_YOURS),
    route("GET", "/api/v1/tasks/{id}", "", READ, OK, NO_TASK),
    route("PATCH", "/api/v1/tasks/{id}/state", r#"{"state":"level1"}"#, RESOLVE, OK, NO_TASK),
    route("GET", "/api/v1/tasks/{id}/history", "", READ, OK, NO_TASK),
    // What another has decided only an admin's key takes back.
    route("POST", "/api/v1/tasks/{id}/undo", "", RESOLVE, (403, "role_needed"), NO_TASK),
    route("PATCH", "/api/v1/tasks/{id}", r#"{"tags":["x"]}"#, POST, OK, NO_TASK),
    route("POST", "/api/v1/tasks/{id}/comments", r#"{"body":"x"}"#, EITHER, OK, NO_TASK),
    route("POST", "/api/v1/tasks/{id}/claim", "", RESOLVE, OK, NO_TASK),
    route("POST", "/api/v1/tasks/{id}/release", "", RESOLVE, OK, NO_TASK),
    route("POST", "/api/v1/tasks/{id}/assign", r#"{"to":null}"#, EITHER, OK, NO_TASK),
    route("POST", "/api/v1/tasks/{id}/snooze", r#"{"until":null}"#, RESOLVE, OK, NO_TASK),
    route("POST", "/api/v1/tasks/{id}/actions/{name}", "", RESOLVE, NO_ACTION, NO_TASK),
    route("POST", "/api/v1/tasks/{id}/reopen", "", REOPEN, (409, "reopen_allowed"), NO_TASK),
    route("POST", "/api/v1/tasks/batch", BATCH, POST, OK, OK),
    // The last, since it ends the task.
    route("POST", "/api/v1/tasks/{id}/withdraw", "", POST, OK, NO_TASK),
    route("POST", "/api/v1/attachments", "x", POST, (201, ""), NOT_YOURS),
    route("GET", "/api/v1/attachments/{id}", "", READ, OK, NO_ATTACHMENT),
    route("GET", "/api/v1/events", "", READ, OK, OK),
    route("GET", "/api/v1/deliveries", "", READ, OK, OK),
    route("POST", "/api/v1/deliveries/replay", "{}", RESEND, (202, ""), (202, "")),
    route("GET", "/api/v1/deliveries/{id}", "", READ, OK, NO_DELIVERY),
    route("POST", "/api/v1/deliveries/{id}/retry", "", RESEND, OK, NO_DELIVERY),
    route("GET", "/api/v1/endpoints", "", READ, OK, OK),
    route("PATCH", "/api/v1/endpoints/{id}", r#"{"state":"enabled"}"#, ADMIN, OK, NO_ENDPOINT),
    route("POST", "/api/v1/endpoints/{id}/ping", "", ADMIN, OK, NO_ENDPOINT),
    route("GET", "/api/v1/audit", "", ADMIN, OK, NOT_YOURS),
    route("GET", "/api/v1/schemas", "", READ, OK, OK),
    route("POST", "/api/v1/schemas", SCHEMA, ADMIN, (201, ""), NOT_YOURS),
    route("GET", "/api/v1/schemas/{name}", "", READ, OK, NO_SCHEMA),
    route(
        "POST",
        "/api/v1/schemas/{name}/secret/rotate",
        r#"{"grace_seconds":0}"#,
        ADMIN,
        OK,
        NO_SCHEMA,
    ),
];

/// Keys that were good once.
async fn dead_keys(server: &Server) -> [String; 2] {
    let (revoked, expired) =
        (server.make_key(&SCOPES, None).await, server.make_key(&SCOPES, None).await);
    let end = "update app.api_key set revoked_at = now() where prefix = $1";
    server.db.run(end, &[&&revoked[..12]]).await.unwrap();
    let end = "update app.api_key set expires_at = now() - interval '1 second' where prefix = $1";
    server.db.run(end, &[&&expired[..12]]).await.unwrap();
    [revoked, expired]
}

#[tokio::test]
async fn s23_s24_s25_every_route_of_the_api_asks_for_its_own_scope() {
    let world = World::start().await;
    let dead = dead_keys(&world.server).await;
    let elsewhere = world.server.make_key(&SCOPES, Some("other")).await;
    let mut keys = Vec::new();
    for scope in SCOPES {
        keys.push((scope, world.server.make_key(&[scope], None).await));
    }

    for Route { method, path, body, scopes, right, elsewhere: there } in ROUTES {
        let method: Method = method.parse().unwrap();
        let ask = async |key: &str| {
            let key = format!("Bearer {key}");
            answered(world.ask(&method, path, &[("authorization", &key)], body).await).await
        };
        let expect = |found: (u16, String), expected: (u16, &str), who: &str| {
            assert_eq!((found.0, found.1.as_str()), expected, "{method} {path} by {who}");
        };
        for key in &dead {
            expect(ask(key).await, (401, "key_known"), "a dead key");
        }
        expect(ask(&elsewhere).await, *there, "a key of another schema");
        for (scope, key) in &keys {
            let expected = if scopes.contains(scope) { *right } else { (403, "key_scope") };
            expect(ask(key).await, expected, scope);
        }
    }
}

#[tokio::test]
async fn s26_s28_neither_a_cookie_nor_a_query_is_a_key() {
    let world = World::start().await;
    let cookie = world.cookie("admin", None).await;
    let key = &world.server.key;
    let both = format!("api-key={key}; {cookie}");
    for Route { method, path, body, .. } in ROUTES {
        let method: Method = method.parse().unwrap();
        let asked = [
            (path.to_string(), vec![]),
            (
                path.to_string(),
                vec![("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")],
            ),
            (format!("{path}?api-key={key}"), vec![]),
            (format!("{path}?api_key={key}&access_token={key}"), vec![]),
            (path.to_string(), vec![("cookie", &both)]),
        ];
        for (path, headers) in asked {
            let found = answered(world.ask(&method, &path, &headers, body).await).await;
            assert_eq!(found, (401, "key_known".to_owned()), "{method} {path} {headers:?}");
        }
    }
}

#[tokio::test]
async fn s23_every_wrong_key_is_answered_alike() {
    let world = World::start().await;
    let [revoked, expired] = dead_keys(&world.server).await;
    let good = &world.server.key;
    let mut mistyped = good.clone();
    let last = if mistyped.pop() == Some('x') { 'y' } else { 'x' };
    mistyped.push(last);
    let bearer = |key: &str| vec![("authorization", format!("Bearer {key}"))];

    let mut bodies: Vec<Value> = Vec::new();
    for headers in [
        bearer("tik_nobodys"),
        bearer(&revoked),
        bearer(&expired),
        bearer(&good[..good.len() - 1]),
        bearer(&mistyped),
        bearer(""),
        bearer(&format!(" {good}")),
        bearer(&format!("{good} {good}")),
        vec![("authorization", String::new())],
        vec![("authorization", format!("Basic {good}"))],
        vec![("authorization", good.clone())],
        vec![("api-key", String::new())],
        vec![("api-key", format!("Bearer {good}"))],
        vec![("authorization", format!("Bearer {good}")), ("api-key", good.clone())],
        vec![("api-key", good.clone()), ("api-key", good.clone())],
    ] {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let response = world.ask(&Method::GET, "/api/v1/tasks", &headers, "").await;
        assert_eq!(response.status(), 401, "{headers:?}");
        assert!(response.headers().contains_key("www-authenticate"));
        bodies.push(response.json().await.unwrap());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");
}
