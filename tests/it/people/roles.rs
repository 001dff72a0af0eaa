//! Who may do what, on pages and with keys.

use http::Method;
use serde_json::json;

use super::PASSWORD;
use crate::cli::shell::{Shell, run};
use crate::hook::Hook;
use crate::server::{Server, make_person, sample};

async fn cookies(server: &Server) -> [String; 3] {
    for role in ["viewer", "resolver", "admin"] {
        make_person(&server.db, &format!("the-{role}"), role, PASSWORD).await;
    }
    [
        server.sign_in("the-viewer").await,
        server.sign_in("the-resolver").await,
        server.sign_in("the-admin").await,
    ]
}

#[tokio::test]
async fn s20_a_viewer_decides_nothing_by_button_or_by_hand() {
    let server = Server::start().await;
    server.load(&sample()).await;
    let [viewer, resolver, _] = cookies(&server).await;
    let id = server.post_flag().await;
    let page = server.page(&format!("/tasks/{id}"), &viewer, 200).await;
    assert!(!page.contains("name=\"state\""), "{page}");

    for (path, form) in [
        ("state", "version=1&state=block"),
        ("undo", "version=1"),
        ("confirm", "version=1&state=block"),
    ] {
        let page = server.submit(&format!("/tasks/{id}/{path}"), &viewer, form, 403).await;
        assert!(page.contains("It needs a resolver") && page.contains("a viewer"), "{page}");
    }
    assert_eq!(server.get(&format!("/tasks/{id}")).await["task"]["state"], json!(null));
    server.submit(&format!("/tasks/{id}/state"), &resolver, "version=1&state=block", 303).await;
}

#[tokio::test]
async fn pages_for_admins_say_so_to_others() {
    let server = Server::start().await;
    let [viewer, resolver, admin] = cookies(&server).await;
    for path in ["/deliveries", "/deliveries/1", "/endpoints/1/secret", "/audit"] {
        for cookie in [&viewer, &resolver] {
            assert!(server.page(path, cookie, 403).await.contains("It needs an admin"), "{path}");
        }
    }
    for (path, form) in [
        ("/endpoints/1/state", "state=paused"),
        ("/endpoints/1/ping", ""),
        ("/endpoints/1/secret", "grace=0"),
        ("/deliveries/1/retry", ""),
        ("/deliveries/replay", "state=failed"),
    ] {
        for cookie in [&viewer, &resolver] {
            server.submit(path, cookie, form, 403).await;
        }
    }
    server.page("/audit", &admin, 200).await;
    server.page("/deliveries", &admin, 200).await;
}

#[tokio::test]
async fn a_person_is_limited_only_to_schemas_that_exist() {
    let shell = Shell::with_sample().await;
    let limits = ["--schema", "ti:sample", "--schema", "ti:smaple", "--schema", "shop"];
    let limit = ["user", "set-schemas", "ana", "ti:sample", "shop"];
    for command in ["create", "invite"] {
        let mut bob = shell.command(&[&["user", command, "bob"][..], &limits].concat());
        bob.env("TASK_INBOX_PUBLIC_URL", "http://inbox.example");
        let refused = run(bob, "").await;
        refused.failed(r#"there is no schema "ti:smaple", "shop" (schema_exists)"#);
    }
    shell.run(&["user", "create", "ana", "--schema", "ti:sample"]).await.ok();
    shell.run(&limit).await.failed(r#"there is no schema "shop" (schema_exists)"#);
    // All or nothing.
    let people = shell.json(&["user", "list"]).await;
    assert_eq!(people.as_array().unwrap().len(), 1, "{people}");
    assert_eq!((&people[0]["name"], &people[0]["schemas"]), (&json!("ana"), &json!(["ti:sample"])));
    shell.run(&["user", "set-schemas", "ana", "--all"]).await.ok();
    shell.run(&["user", "set-schemas", "ana", "ti:sample"]).await.ok();
}

#[tokio::test]
async fn s25_an_admin_of_one_schema_neither_sees_nor_touches_another() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    server.load("name: mine\nsemver: '1'\ntasktypes: [{name: t, resolved_states: [done]}]\n").await;
    make_person(&server.db, "boss", "admin", PASSWORD).await;
    make_person(&server.db, "limited", "admin", PASSWORD).await;
    let limit = "select inbox_internal.set_schemas('limited', array['mine'])";
    server.db.run(limit, &[]).await.unwrap();
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let delivery = server.delivery(id, 2, "delivered").await["id"].clone();
    let endpoint = server.get("/endpoints").await["endpoints"][0]["id"].clone();
    let boss = server.sign_in("boss").await;
    server.submit("/deliveries/replay", &boss, "state=delivered&confirmed=1", 303).await;
    hook.received(2).await;
    server.submit(&format!("/endpoints/{endpoint}/state"), &boss, "state=paused", 303).await;
    assert!(server.page("/deliveries", &boss, 200).await.contains("boss"));

    let limited = server.sign_in("limited").await;
    for path in ["/", "/done", "/deliveries", "/account"] {
        let page = server.page(path, &limited, 200).await;
        assert!(!page.contains("ti:sample") && !page.contains("boss"), "{path}: {page}");
        assert!(!page.contains(&id.to_string()), "{path}: {page}");
    }
    for path in [
        format!("/tasks/{id}"),
        format!("/deliveries/{delivery}"),
        format!("/endpoints/{endpoint}/secret"),
    ] {
        server.page(&path, &limited, 404).await;
    }
    for (path, form) in [
        (format!("/tasks/{id}/state"), "version=2&state=block"),
        (format!("/tasks/{id}/undo"), "version=2"),
        (format!("/deliveries/{delivery}/retry"), ""),
        (format!("/endpoints/{endpoint}/state"), "state=enabled"),
        (format!("/endpoints/{endpoint}/ping"), ""),
        (format!("/endpoints/{endpoint}/secret"), "grace=0"),
        ("/deliveries/replay".to_owned(), "state=failed&schema=ti:sample"),
        ("/deliveries/replay".to_owned(), &format!("state=failed&endpoint={endpoint}")),
    ] {
        server.submit(&path, &limited, form, 404).await;
    }

    let key = server.make_key(&["read", "post", "resolve", "admin"], Some("mine")).await;
    for path in ["/tasks", "/deliveries", "/endpoints", "/schemas", "/events"] {
        let found = server.call_with(&key, Method::GET, path, &[], None, 200).await;
        assert!(!found.to_string().contains("ti:sample"), "{path}: {found}");
    }
    let all = Some(json!({"state": "delivered"}).to_string());
    let replay = server.call_with(&key, Method::POST, "/deliveries/replay", &[], all, 202).await;
    assert_eq!(replay["matching"], 0, "{replay}");
}

#[tokio::test]
async fn s24_a_key_without_the_scope_hears_of_that_before_its_body_is_read() {
    let server = Server::start().await;
    server.load(&sample()).await;
    let key = server.make_key(&["event"], None).await;
    for (method, path, scope) in [
        (Method::POST, "/tasks", "post"),
        (Method::GET, "/tasks?limit=0", "read"),
        (Method::GET, "/tasks/nonsense", "read"),
        (Method::PATCH, "/tasks/nonsense/state", "resolve"),
        (Method::POST, "/tasks/nonsense/undo", "resolve"),
        (Method::GET, "/tasks/nonsense/history", "read"),
        (Method::GET, "/events?nonsense=1", "read"),
        (Method::GET, "/audit?nonsense=1", "admin"),
        (Method::GET, "/deliveries?nonsense=1", "read"),
        (Method::POST, "/deliveries/replay", "post"),
        (Method::POST, "/deliveries/nonsense/retry", "post"),
        (Method::PATCH, "/endpoints/nonsense", "admin"),
        (Method::POST, "/endpoints/nonsense/ping", "admin"),
        (Method::POST, "/schemas", "admin"),
        (Method::POST, "/schemas/nonsense/secret/rotate", "admin"),
    ] {
        let body = Some("no JSON".to_owned());
        let problem = server.call_with(&key, method, path, &[], body, 403).await;
        assert_eq!(problem["code"], "key_scope", "{path}");
        assert_eq!(
            problem["detail"],
            format!("this API key lacks the scope \"{scope}\""),
            "{path}"
        );
    }
}
