//! Taking a decision back before the application hears of it, as a browser
//! without JavaScript would.

use serde_json::json;
use uuid::Uuid;

use crate::hook::Hook;
use crate::server::{Server, make_person, within};

/// Nobody waits for the end of this window.
const DESK: &str = "name: desk
semver: '1'
default_hook_url: HOOK
tasktypes:
- name: refund
  label: Refund
  undo_seconds: 120
  pending_states: [{name: triage, label: In triage}]
  resolved_states: [{name: approve, label: Approve}, {name: deny, label: Deny}]
";

async fn desk() -> (Server, Hook, Uuid) {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.load(&DESK.replace("HOOK", &hook.url)).await;
    server.make_secret("desk").await;
    for (name, role) in [("ana", "resolver"), ("bob", "resolver"), ("root", "admin")] {
        make_person(&server.db, name, role, "correct horse battery").await;
    }
    let posted = server.post(json!({"schema_name": "desk", "task": "refund"}), 201).await;
    let id = posted["id"].as_str().unwrap().parse().unwrap();
    (server, hook, id)
}

/// As if this much of the window had gone by.
pub async fn let_pass(server: &Server, id: Uuid, seconds: i32) {
    for change in [
        "update app.task set held_until = held_until - $2 * interval '1 second' where id = $1",
        "update app.event set held_until = held_until - $2 * interval '1 second' where task_id = $1",
        "update app.outbox set due_at = due_at - $2 * interval '1 second' where task_id = $1",
    ] {
        server.db.run(change, &[&id, &f64::from(seconds)]).await.unwrap();
    }
}

#[tokio::test]
async fn a_decision_is_taken_back_and_the_app_never_hears_of_it() {
    let (server, hook, id) = desk().await;
    let ana = server.sign_in("ana").await;
    let path = format!("/tasks/{id}");

    server.submit(&format!("{path}/state"), &ana, "version=1&state=deny", 303).await;
    let page = server.page(&path, &ana, 200).await;
    for shown in ["Settled by", "The app hears of it at", "data-left", "can still be undone"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(server.page("/done", &ana, 200).await.contains("The app hears of it at"));

    server.submit(&format!("{path}/undo"), &ana, "version=2", 303).await;
    let page = server.page(&path, &ana, 200).await;
    for shown in ["Taken back", "took it back", "(taken back)", "value=\"approve\"", "value=\"3\""]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(server.page("/", &ana, 200).await.contains(&id.to_string()));

    server.submit(&format!("{path}/state"), &ana, "version=3&state=approve", 303).await;
    let_pass(&server, id, 120).await;
    server.delivery(id, 4, "delivered").await;
    let states: Vec<_> =
        hook.so_far().iter().map(|webhook| webhook.json()["data"]["state"].clone()).collect();
    assert_eq!(states, [json!("approve")]);
}

#[tokio::test]
async fn a_move_within_the_inbox_is_taken_back_as_well() {
    let (server, _hook, id) = desk().await;
    let ana = server.sign_in("ana").await;
    let path = format!("/tasks/{id}");
    server.submit(&format!("{path}/state"), &ana, "version=1&state=triage", 303).await;
    let page = server.page(&path, &ana, 200).await;
    for shown in ["Moved to", "The app hears of it at", &format!("formaction=\"{path}/undo\"")] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // The whole form is sent, with what was typed for another button.
    server.submit(&format!("{path}/undo"), &ana, "version=2&comment=half+a+sen", 303).await;
    assert!(!server.page(&path, &ana, 200).await.contains("Moved to"));
}

#[tokio::test]
async fn who_is_too_late_is_told_so() {
    let (server, hook, id) = desk().await;
    let ana = server.sign_in("ana").await;
    let path = format!("/tasks/{id}");
    server.submit(&format!("{path}/state"), &ana, "version=1&state=deny", 303).await;
    let_pass(&server, id, 120).await;
    hook.received(1).await;
    let page = server.submit(&format!("{path}/undo"), &ana, "version=2", 409).await;
    assert!(page.contains("Too late: the app has been told.") && page.contains("Settled by"));
    assert!(!page.contains("data-left"), "{page}");
}

#[tokio::test]
async fn another_resolver_cannot_take_it_back_and_an_admin_can() {
    let (server, _hook, id) = desk().await;
    let (ana, bob) = (server.sign_in("ana").await, server.sign_in("bob").await);
    let root = server.sign_in("root").await;
    let path = format!("/tasks/{id}");
    server.submit(&format!("{path}/state"), &ana, "version=1&state=deny", 303).await;
    assert!(!server.page(&path, &bob, 200).await.contains("data-left"));
    server.submit(&format!("{path}/undo"), &bob, "version=2", 403).await;
    assert!(server.page(&path, &root, 200).await.contains("data-left"));
    server.submit(&format!("{path}/undo"), &root, "version=2", 303).await;
}

#[tokio::test]
async fn a_page_from_before_another_decision_takes_nothing_back() {
    let (server, _hook, id) = desk().await;
    let (ana, root) = (server.sign_in("ana").await, server.sign_in("root").await);
    let path = format!("/tasks/{id}");
    server.submit(&format!("{path}/state"), &root, "version=1&state=triage", 303).await;
    server.submit(&format!("{path}/state"), &ana, "version=2&state=deny", 303).await;
    let page = server.submit(&format!("{path}/undo"), &root, "version=2", 409).await;
    assert!(page.contains("ana has changed the task since"), "{page}");
    within("the first move", server.delivery(id, 2, "delivered")).await;
    assert_eq!(server.get(&path).await["task"]["state"], "triage");
}
