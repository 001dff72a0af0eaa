//! What the API refuses, precisely, and stores nothing of.

use http::Method;
use serde_json::{Value, json};

use crate::hook::Hook;
use crate::server::Server;

async fn count(server: &Server) -> i64 {
    server.db.row("select count(*) from reporting.tasks", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn hostile_bodies_are_refused_with_their_place_and_leave_nothing() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let with =
        |rest: &str| format!(r#"{{"schema_name":"ti:sample","task":"flag-content",{rest}}}"#);
    let deep = with(&format!("\"meta\":{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200)));
    let very_deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));

    for (body, status, code, pointer) in [
        (String::new(), 400, "body_json", None),
        ("{".to_owned(), 400, "body_json", None),
        ("[]".to_owned(), 422, "body_shape", Some("")),
        (r#"["ti:sample","flag-content",null,{}]"#.to_owned(), 422, "body_shape", Some("")),
        (r#"{"schema_name":"ti:sample"}"#.to_owned(), 422, "body_shape", Some("/task")),
        (with(r#""mtea":{}"#), 422, "body_shape", Some("/mtea")),
        (with(r#""meta":[]"#), 422, "meta_object", Some("/meta")),
        (with(r#""meta":"x""#), 422, "meta_object", Some("/meta")),
        (with(r#""tags":"x""#), 422, "body_shape", Some("/tags")),
        (with(r#""tags":[1]"#), 422, "body_shape", Some("/tags/0")),
        (with(r#""state":1"#), 422, "body_shape", Some("/state")),
        (with(r#""meta":{"a":"\u0000"}"#), 422, "value_storable", Some("/meta/a")),
        (with(r#""meta":{"a":"\ud800"}"#), 422, "value_storable", Some("/meta/a")),
        (with(r#""external_id":"\u0000""#), 422, "value_storable", Some("/external_id")),
        (with(r#""external_id":"""#), 422, "external_id_length", Some("/external_id")),
        (with(r#""meta":{"a":1e131071}"#), 422, "value_storable", Some("/meta/a")),
        (with(r#""urgency":"now""#), 422, "urgency_known", Some("/urgency")),
        (with(r#""respond_within":-5"#), 422, "duration_form", Some("/respond_within")),
        (with(r#""respond_within":99999999999"#), 422, "duration_form", Some("/respond_within")),
        (with(r#""respond_within":true"#), 422, "body_shape", Some("/respond_within")),
        (with(r#""state":"nope""#), 422, "task_state_declared", Some("/state")),
        (with(r#""state":"allow""#), 422, "state_pending", Some("/state")),
        (r#"{"schema_name":"nope","task":"x"}"#.to_owned(), 404, "schema_exists", None),
        (r#"{"schema_name":"ti:sample","task":"nope"}"#.to_owned(), 404, "task_type_exists", None),
        (deep, 422, "value_storable", Some("/meta/a/0/0/0/0/0/0")),
        (very_deep, 422, "body_shape", Some("")),
        (
            with(&format!("\"meta\":{{\"a\":\"{}\"}}", "x".repeat(10_000_000))),
            413,
            "body_size",
            None,
        ),
    ] {
        let shown: String = body.chars().take(80).collect();
        let refused =
            server.call_with(&server.key, Method::POST, "/tasks", &[], Some(body), status).await;
        assert_eq!(refused["code"], code, "{shown}: {refused}");
        assert_eq!(refused["status"], status, "{shown}");
        assert_eq!(refused["errors"][0]["pointer"].as_str(), pointer, "{shown}: {refused}");
    }

    let response = server
        .http
        .post(format!("{}/api/v1/tasks", server.url))
        .bearer_auth(&server.key)
        .body(b"{\"schema_name\":\"\xff\"}".to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "body_utf8");
    assert_eq!(count(&server).await, 0);
}

#[tokio::test]
async fn s52_sql_in_every_field_is_only_text() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let evil = "'; drop table app.task; -- \" \\ $$ %s {0} \u{202e}<script>";
    let posted = server
        .post(
            json!({
                "schema_name": "ti:sample", "task": "flag-content", "external_id": evil, "tags": [evil],
                "meta": {evil: evil}, "context": evil,
            }),
            201,
        )
        .await;
    let id = posted["id"].as_str().unwrap();
    let body = json!({"state": "allow", "comment": evil});
    server.call(Method::PATCH, &format!("/tasks/{id}/state"), Some(body), 200).await;
    let task = &server.get(&format!("/tasks/{id}")).await["task"];
    assert_eq!(task["meta"][evil], evil);
    assert_eq!(task["external_id"], evil);
    for field in ["schema_name", "task", "state"] {
        let mut body = json!({"schema_name": "ti:sample", "task": "flag-content"});
        body[field] = evil.into();
        let refused = server
            .call_with(
                &server.key,
                Method::POST,
                "/tasks",
                &[],
                Some(body.to_string()),
                if field == "state" { 422 } else { 404 },
            )
            .await;
        assert!(refused["detail"].as_str().unwrap().contains("drop table"), "{refused}");
    }
}

#[tokio::test]
async fn s23_no_key_a_wrong_key_and_a_dead_key_open_nothing() {
    let server = Server::start().await;
    let url = format!("{}/api/v1/tasks", server.url);
    let revoked = server.make_key(&["read"], None).await;
    let prefix = revoked[..12].to_owned();
    server.db.run("select inbox_internal.revoke_api_key($1)", &[&prefix]).await.unwrap();
    let mut cut = server.key.clone();
    cut.pop();
    let expired = server.make_key(&["read"], None).await;
    let over = "update app.api_key set expires_at = now() where prefix = $1";
    server.db.run(over, &[&&expired[..12]]).await.unwrap();
    let unknown = task_inbox::token::NewKey::make().key;
    let mut bodies = std::collections::BTreeSet::new();

    for header in [
        None,
        Some(format!("Bearer {expired}")),
        Some(format!("Bearer {unknown}")),
        Some(format!("Bearer {}_", &server.key[..50])),
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer tik_x".to_owned()),
        Some(format!("Bearer  {}", server.key)),
        Some(format!("Basic {}", server.key)),
        Some(format!("Bearer {cut}")),
        Some(format!("Bearer {revoked}")),
    ] {
        let mut request = server.http.get(&url);
        if let Some(header) = &header {
            request = request.header("authorization", header);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{header:?}");
        assert!(response.headers().contains_key("www-authenticate"));
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], "key_known");
        if header.is_some() {
            bodies.insert(body.to_string());
        }
    }
    // What was wrong with it is nobody's business.
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let twice = server
        .http
        .get(&url)
        .bearer_auth(&server.key)
        .header("api-key", &server.key)
        .send()
        .await
        .unwrap();
    assert_eq!(twice.status(), 401);
    let query = server.http.get(format!("{url}?api_key={}", server.key)).send().await.unwrap();
    assert_eq!(query.status(), 401);

    // Without a key nobody learns what else is wrong.
    for (method, path, body) in [
        (Method::POST, "/tasks", "{"),
        (Method::POST, "/tasks", r#"{"schema_name":"ti:sample","task":"flag-content"}"#),
        (Method::PATCH, "/tasks/nonsense/state", "{}"),
        (
            Method::PATCH,
            "/tasks/01a2044d-ecd4-7dd3-a032-3845b3539362/state",
            r#"{"state":"allow"}"#,
        ),
    ] {
        let body = Some(body.to_owned());
        let refused =
            server.call_with(&revoked, method, path, &[("if-match", "x")], body, 401).await;
        assert_eq!(refused["code"], "key_known", "{path}");
    }
}

#[tokio::test]
async fn s24_s25_a_key_does_what_its_scopes_and_schema_allow() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    server
        .load("name: other\nsemver: '1'\ntasktypes: [{name: t, resolved_states: [done]}]\n")
        .await;
    let id = server.post_flag().await;
    let reader = server.make_key(&["read"], None).await;
    let poster = server.make_key(&["post"], None).await;
    let theirs = server.make_key(&["read", "post", "resolve"], Some("other")).await;

    let post = Some(json!({"schema_name": "ti:sample", "task": "flag-content"}).to_string());
    let allow = Some(json!({"state": "allow"}).to_string());
    let state = format!("/tasks/{id}/state");
    let task = format!("/tasks/{id}");
    for (key, method, path, body, status, code) in [
        (&reader, Method::POST, "/tasks", post.clone(), 403, "key_scope"),
        (&reader, Method::PATCH, &state, allow.clone(), 403, "key_scope"),
        (&poster, Method::GET, &task, None, 403, "key_scope"),
        (&poster, Method::GET, "/tasks", None, 403, "key_scope"),
        (&poster, Method::POST, "/schemas", None, 403, "key_scope"),
        (&theirs, Method::POST, "/tasks", post.clone(), 403, "key_schema"),
        (&theirs, Method::GET, &task, None, 404, "task_exists"),
        (&theirs, Method::PATCH, &state, allow.clone(), 404, "task_exists"),
        (&theirs, Method::GET, "/schemas/ti:sample", None, 404, "schema_exists"),
    ] {
        let refused = server.call_with(key, method, path, &[], body, status).await;
        assert_eq!(refused["code"], code, "{path}: {refused}");
        let names_it =
            code != "key_scope" || refused["detail"].as_str().unwrap().contains("the scope \"");
        assert!(names_it, "{refused}");
    }
    let listed = server.call_with(&theirs, Method::GET, "/tasks", &[], None, 200).await;
    assert_eq!(listed["tasks"], json!([]));
    let source =
        "name: new\nsemver: '1'\ntasktypes: [{name: t, resolved_states: [done]}]\n".to_owned();
    let refused = server.call_with(&poster, Method::POST, "/schemas", &[], Some(source), 403).await;
    assert_eq!(refused["code"], "key_scope");
}

#[tokio::test]
async fn a_task_id_that_is_none_is_not_found() {
    let server = Server::start().await;
    for id in ["7", "%00", "%ff", "..%2f..", "01a2044d-ecd4-7dd3-a032-3845b3539362", "'"] {
        let refused = server.call(Method::GET, &format!("/tasks/{id}"), None, 404).await;
        assert_eq!(refused["code"], "task_exists", "{id}");
    }
    for path in ["/nothing", "/schemas/%ff", ""] {
        assert_eq!(
            server.call(Method::GET, path, None, 404).await["code"],
            "route_exists",
            "{path}"
        );
    }
    assert_eq!(server.call(Method::DELETE, "/tasks", None, 405).await["code"], "method_allowed");
}

#[tokio::test]
async fn an_idempotency_key_is_printable_and_not_endless() {
    let server = Server::start().await;
    let body = || Some(json!({"schema_name": "x", "task": "x"}).to_string());
    for key in ["", "a\tb", "\u{e9}", &"k".repeat(256)] {
        let headers = [("idempotency-key", key)];
        let refused =
            server.call_with(&server.key, Method::POST, "/tasks", &headers, body(), 422).await;
        assert_eq!(refused["code"], "idempotency_key_form");
    }
    let headers = [("idempotency-key", "order 117 ~!")];
    server.call_with(&server.key, Method::POST, "/tasks", &headers, body(), 404).await;
}
