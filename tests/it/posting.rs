//! Posting and reading tasks over the API.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use task_inbox::seal::Sealer;
use task_inbox::secret::create_webhook_secret;

use crate::hook::Hook;
use crate::server::{SECRET_KEY, Server, sample_to, within};

#[tokio::test]
async fn a_posted_task_can_be_read_back() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let posted = server
        .post(
            json!({
                "schema_name": "ti:sample", "task": "flag-content", "state": "level1",
                "meta": {"author": "Zoë 🦊", "price": 1.10}, "external_id": "post-7",
                "tags": ["eu"], "context": {"ref": [1, null]}, "urgency": "high",
            }),
            201,
        )
        .await;
    let id = posted["id"].as_str().unwrap();
    assert_eq!(posted["ttype"], "flag-content");

    let found = server.get(&format!("/tasks/{id}")).await;
    assert_eq!(found["task"], posted["task"]);
    assert_eq!(found["version"], 1);
    let task = &found["task"];
    for (name, expected) in [
        ("schema", json!("ti:sample")),
        ("schema_version", json!("1")),
        ("state", json!("level1")),
        ("resolved", json!(false)),
        ("sequence", json!(1)),
        ("external_id", json!("post-7")),
        ("context", json!({"ref": [1, null]})),
        ("tags", json!(["eu"])),
        ("urgency", json!("high")),
        ("respond_by", json!(null)),
        ("url", json!(format!("{}/tasks/{id}", server.url))),
    ] {
        assert_eq!(task[name], expected, "{name}");
    }
    let states: Vec<_> =
        found["allowed_states"].as_array().unwrap().iter().map(|state| &state["name"]).collect();
    assert_eq!(states, ["level2", "block", "allow"]);
}

#[tokio::test]
async fn numbers_come_back_as_they_were_posted() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let body = r#"{"schema_name":"ti:sample","task":"flag-content","meta":{"n":12345678901234567890.10,"m":9223372036854775808}}"#;
    server.call_with(&server.key, Method::POST, "/tasks", &[], Some(body.to_owned()), 201).await;

    let text =
        server.http.get(format!("{}/api/v1/tasks", server.url)).bearer_auth(&server.key).send();
    let text = text.await.unwrap().text().await.unwrap();
    assert!(
        text.contains("12345678901234567890.10") && text.contains("9223372036854775808"),
        "{text}"
    );
}

#[tokio::test]
async fn the_first_task_inboxs_request_works_as_it_is() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let response = server
        .http
        .post(format!("{}/api/v1/tasks/", server.url))
        .header("api-key", &server.key)
        .body(
            r#"{"schema_name":"ti:sample","task":"delete-acct","state":"","meta":{"user":"bob"}}"#,
        )
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
}

/// Its `cli.py post_task` and `receiver.py`: an absent state and meta are sent as
/// null, the receiver has a key of before and looks at nothing but its header.
#[tokio::test]
async fn the_first_task_inboxs_client_and_receiver_work_unchanged() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.load(&sample_to(&hook.url.replace("/hook", "/api/v1/tihook"))).await;
    let sealer = Sealer::new(Some(SECRET_KEY)).unwrap();
    let (actor, key) = (json!({"kind": "sql", "id": "cli", "name": "cli"}), "RCV_HOOK_KEY-12");
    let made =
        create_webhook_secret(&server.db, &sealer, &actor, "ti:sample", Some(key.to_owned()));
    made.await.unwrap();

    let response = server
        .http
        .post(format!("{}/api/v1/tasks/", server.url))
        .header("api-key", &server.key)
        .json(&json!({"schema_name": "ti:sample", "task": "flag-content", "state": null, "meta": null}))
        .send()
        .await
        .unwrap();
    assert!(response.status().is_success());
    let id = response.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    server.set_state(id.parse().unwrap(), "block", 200).await;

    let heard = hook.received(1).await.remove(0);
    assert_eq!(heard.headers["ti-key"], key);
    assert_eq!(heard.headers["content-type"], "application/json");
    let body = heard.json();
    assert_eq!((&body["ttype"], &body["task"]["id"]), (&json!("flag-content"), &json!(id)));
    assert_eq!(
        (&body["task"]["state"], &body["task"]["resolved"]),
        (&json!("block"), &json!(true))
    );
}

#[tokio::test]
async fn the_same_post_twice_is_one_task() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let body =
        json!({"schema_name": "ti:sample", "task": "flag-content", "meta": {"a": 1}}).to_string();
    let other = body.replace('1', "2");
    let key = [("idempotency-key", "once")];
    let post = |body: &str, status| {
        server.call_with(&server.key, Method::POST, "/tasks", &key, Some(body.to_owned()), status)
    };

    let first = post(&body, 201).await;
    let again = post(&body, 200).await;
    assert_eq!(first["id"], again["id"]);
    assert_eq!(post(&other, 422).await["code"], "idempotency_key_reused");

    // Another key's idempotency keys are its own.
    let stranger = server.make_key(&["read", "post"], None).await;
    let theirs = server.call_with(&stranger, Method::POST, "/tasks", &key, Some(body), 201).await;
    assert_ne!(theirs["id"], first["id"]);
}

#[tokio::test]
async fn twenty_equal_posts_at_once_are_one_task() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let body = json!({"schema_name": "ti:sample", "task": "flag-content"}).to_string();
    let posts = (0..20).map(|_| {
        server
            .http
            .post(format!("{}/api/v1/tasks", server.url))
            .bearer_auth(&server.key)
            .header("idempotency-key", "burst")
            .body(body.clone())
            .send()
    });
    let statuses: Vec<u16> = futures_util::future::join_all(posts)
        .await
        .into_iter()
        .map(|sent| sent.unwrap().status().as_u16())
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 19, "{statuses:?}");
    assert_eq!(server.get("/tasks").await["tasks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_external_id_names_one_task_for_ever() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let body = json!({"schema_name": "ti:sample", "task": "flag-content", "external_id": "x"});
    let first = server.post(body.clone(), 201).await;
    assert_eq!(server.post(body, 200).await["id"], first["id"]);

    let other = json!({"schema_name": "ti:sample", "task": "flag-content", "external_id": "x", "tags": ["y"]});
    let refused = server.post(other, 409).await;
    assert_eq!(refused["code"], "external_id_used");
    assert_eq!(refused["task_id"], first["id"]);
}

#[tokio::test]
async fn s59_a_list_is_read_page_by_page_without_loss() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    for _ in 0..7 {
        server.post_flag().await;
    }
    let resolved = server.post_flag().await;
    server.set_state(resolved, "allow", 200).await;

    let (mut seen, mut path) = (Vec::new(), "/tasks?resolved=false&limit=3".to_owned());
    loop {
        let page = server.get(&path).await;
        seen.extend(page["tasks"].as_array().unwrap().iter().map(|task| task["id"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/tasks?resolved=false&limit=3&cursor={next}");
    }
    assert_eq!(seen.len(), 7);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);

    let next = server.get("/tasks?limit=3").await["next"].as_str().unwrap().to_owned();
    for (query, code) in [
        (format!("limit=3&state=allow&cursor={next}"), "cursor_form"),
        ("cursor=zzz".to_owned(), "cursor_form"),
        ("limit=0".to_owned(), "limit_range"),
        ("limit=201".to_owned(), "limit_range"),
        ("limit=many".to_owned(), "query_shape"),
        ("sort=title".to_owned(), "query_shape"),
        ("since=yesterday".to_owned(), "query_shape"),
        ("until=-004800-01-01T00:00:00Z".to_owned(), "value_storable"),
    ] {
        let refused = server.call(Method::GET, &format!("/tasks?{query}"), None, 422).await;
        assert_eq!(refused["code"], code, "{query}");
    }
}

#[tokio::test]
async fn a_list_links_to_its_next_page() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let mut ids = BTreeSet::new();
    for _ in 0..5 {
        let id = server.post_flag().await;
        server.set_state(id, "allow", 200).await;
        ids.insert(id.to_string());
    }
    // A client that knows nothing of cursors follows the links.
    for (mut path, list, member) in [
        ("/api/v1/tasks?schema=ti%3Asample&limit=2".to_owned(), "tasks", "id"),
        ("/api/v1/tasks/?q=flag+content&limit=2".to_owned(), "tasks", "id"),
        ("/api/v1/deliveries?limit=2".to_owned(), "deliveries", "task_id"),
    ] {
        let mut seen = BTreeSet::new();
        loop {
            let request = server.http.get(format!("{}{path}", server.url)).bearer_auth(&server.key);
            let response = request.send().await.unwrap();
            let link = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
            let page: Value = response.json().await.unwrap();
            let found = page[list].as_array().unwrap().iter();
            seen.extend(found.map(|found| found[member].as_str().unwrap().to_owned()));
            assert_eq!(link.is_some(), page["next"].is_string(), "{path}");
            let Some(link) = link else { break };
            path =
                link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        }
        assert_eq!(seen, ids, "{list}");
    }
}

#[tokio::test]
async fn every_answer_with_a_task_has_its_version_as_a_tag() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let post = json!({"schema_name": "ti:sample", "task": "flag-content", "external_id": "x"});
    let id = server.post(post.clone(), 201).await["id"].as_str().unwrap().to_owned();
    for (method, path, body, version) in [
        (Method::POST, "/tasks", post, 1),
        (Method::PATCH, "/tasks/ID", json!({"tags": ["a"]}), 2),
        (Method::POST, "/tasks/ID/claim", json!({}), 2),
        (Method::POST, "/tasks/ID/comments", json!({"body": "x"}), 2),
        (Method::PATCH, "/tasks/ID/state", json!({"state": "level1"}), 5),
        (Method::GET, "/tasks/ID", json!(null), 5),
        (Method::POST, "/tasks/ID/withdraw", json!({}), 6),
    ] {
        let url = format!("{}/api/v1{}", server.url, path.replace("ID", &id));
        let request = server.http.request(method, url).bearer_auth(&server.key);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["etag"], format!("\"{version}\""), "{path}");
    }
}

#[tokio::test]
async fn every_filter_of_the_list_finds_its_tasks() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let task = json!({
        "schema_name": "ti:sample", "task": "flag-content", "state": "level2", "external_id": "e", "tags": ["a", "b"],
    });
    server.post(task, 201).await;
    server.post(json!({"schema_name": "ti:sample", "task": "delete-acct"}), 201).await;

    for (query, count) in [
        ("schema=ti:sample", 2),
        ("schema=other", 0),
        ("ttype=delete-acct", 1),
        ("state=level2", 1),
        ("resolved=true", 0),
        ("external_id=e", 1),
        ("tag=b", 1),
        ("tag=c", 0),
        ("since=2020-01-01T00:00:00Z", 2),
        ("until=2020-01-01T00:00:00Z", 0),
    ] {
        let page = server.get(&format!("/tasks?{query}")).await;
        assert_eq!(page["tasks"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_waiting_reader_hears_of_the_decision_at_once() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let id = server.post_flag().await;

    let open = server.get(&format!("/tasks/{id}?wait=0")).await;
    assert_eq!(open["task"]["resolved"], false);

    // The answer after the wait is what is true then.
    let path = format!("/tasks/{id}?wait=1");
    let (waited, _) = tokio::join!(server.get(&path), server.set_state(id, "level2", 200));
    assert_eq!(waited["task"]["state"], "level2");

    let path = format!("/tasks/{id}?wait=60");
    let (waited, _) = within("the answer", async {
        tokio::join!(server.get(&path), async {
            server.set_state(id, "level1", 200).await;
            server.set_state(id, "allow", 200).await;
        })
    })
    .await;
    assert_eq!(waited["task"]["state"], "allow");

    let refused = server.call(Method::GET, &format!("/tasks/{id}?wait=61"), None, 422).await;
    assert_eq!(refused["code"], "wait_limit");
}

#[tokio::test]
async fn a_server_that_stops_answers_who_waits() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let id = server.post_flag().await;
    let (http, key) = (server.http.clone(), server.make_key(&["read"], None).await);
    let url = format!("{}/api/v1/tasks/{id}?wait=60", server.url);
    let waiting =
        tokio::spawn(async move { http.get(url).bearer_auth(key).send().await.unwrap().status() });
    // The wait has begun once the key was used.
    within("the waiting request", async {
        let used = "select last_used_at is not null from app.api_key order by id desc limit 1";
        while !server.db.row(used, &[]).await.unwrap().get::<_, bool>(0) {}
    })
    .await;
    server.stop().await;
    assert_eq!(within("the answer", waiting).await.unwrap(), 200);
}
