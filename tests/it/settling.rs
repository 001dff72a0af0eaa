//! Deciding over the API: who wins, who is told what.

use http::Method;
use serde_json::json;
use uuid::Uuid;

use crate::hook::Hook;
use crate::server::Server;

async fn server() -> Server {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    server
}

#[tokio::test]
async fn a_decision_is_kept_with_who_when_and_why() {
    let server = server().await;
    let id = server.post_flag().await;
    server.set_state(id, "level1", 200).await;
    let body = json!({"state": "block", "comment": "spam"});
    let changed = server.call(Method::PATCH, &format!("/tasks/{id}/state"), Some(body), 200).await;
    assert_eq!(changed["task"]["resolved"], true);
    assert_eq!(changed["task"]["resolution"], "decided");

    let history = server.get(&format!("/tasks/{id}/history")).await;
    let steps = history["history"].as_array().unwrap();
    let told: Vec<_> = steps
        .iter()
        .map(|step| (&step["kind"], &step["from"], &step["to"], &step["via"]))
        .collect();
    let (posted, moved, resolved) = (json!("posted"), json!("moved"), json!("resolved"));
    let (null, level1, block, api) = (json!(null), json!("level1"), json!("block"), json!("api"));
    assert_eq!(
        told,
        [
            (&posted, &null, &null, &api),
            (&moved, &null, &level1, &api),
            (&resolved, &level1, &block, &api)
        ]
    );
    assert_eq!(steps[2]["comment"], "spam");
    assert_eq!(steps[2]["actor"]["kind"], "key");
}

#[tokio::test]
async fn a_resolved_task_stays_resolved() {
    let server = server().await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;

    for state in ["block", "level1", "allow"] {
        let refused = server.set_state(id, state, 409).await;
        assert_eq!(refused["code"], "task_open");
        assert_eq!(refused["task"]["state"], "allow");
        assert_eq!(refused["actor"]["name"], "test");
        assert!(refused["at"].is_string());
    }
}

#[tokio::test]
async fn of_ten_who_decide_at_once_one_wins() {
    let hook = Hook::start().await;
    let server = Server::start().await;
    server.with_hook(&hook).await;
    let id = server.post_flag().await;
    let decisions = (0..10).map(|n| {
        let body = json!({"state": if n % 2 == 0 { "allow" } else { "block" }}).to_string();
        server
            .http
            .patch(format!("{}/api/v1/tasks/{id}/state", server.url))
            .bearer_auth(&server.key)
            .body(body)
            .send()
    });
    let mut statuses: Vec<u16> = futures_util::future::join_all(decisions)
        .await
        .into_iter()
        .map(|sent| sent.unwrap().status().as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409, 409, 409]);

    server.delivery(id, 2, "delivered").await;
    assert_eq!(hook.so_far().len(), 1);
}

#[tokio::test]
async fn setting_the_pending_state_it_has_changes_nothing() {
    let server = server().await;
    let id = server.post_flag().await;
    server.set_state(id, "level1", 200).await;
    let again = server.set_state(id, "level1", 200).await;
    assert_eq!(again["task"]["version"], 2);
    assert_eq!(
        server.get(&format!("/tasks/{id}/history")).await["history"].as_array().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn a_decision_on_an_old_version_is_refused() {
    let server = server().await;
    let id = server.post_flag().await;
    server.set_state(id, "level1", 200).await;
    let path = format!("/tasks/{id}/state");
    let allow = || Some(json!({"state": "allow"}).to_string());

    let stale = server
        .call_with(&server.key, Method::PATCH, &path, &[("if-match", "\"1\"")], allow(), 412)
        .await;
    assert_eq!(stale["code"], "version_stale");
    assert_eq!(stale["task"]["state"], "level1");
    server.call_with(&server.key, Method::PATCH, &path, &[("if-match", "3")], allow(), 422).await;
    server
        .call_with(&server.key, Method::PATCH, &path, &[("if-match", "\"2\"")], allow(), 200)
        .await;
    // Settled beats stale.
    let settled = server
        .call_with(&server.key, Method::PATCH, &path, &[("if-match", "\"1\"")], allow(), 409)
        .await;
    assert_eq!(settled["code"], "task_open");
}

#[tokio::test]
async fn a_state_says_from_where_it_is_reached_and_whether_it_wants_a_comment() {
    let server = server().await;
    server
        .load(
            "name: desk\nsemver: '1'\ntasktypes:\n- name: refund\n  pending_states: [triage, waiting]\n  \
             resolved_states:\n  - {name: approve, only_from: [triage]}\n  \
             - {name: deny, only_from: [null, triage], comment: required}\n  - {name: close, comment: none}\n",
        )
        .await;
    let posted = server.post(json!({"schema_name": "desk", "task": "refund"}), 201).await;
    let id: Uuid = posted["id"].as_str().unwrap().parse().unwrap();
    let names = async |server: &Server| {
        let task = server.get(&format!("/tasks/{id}")).await;
        let states = task["allowed_states"].as_array().unwrap().clone();
        states.iter().map(|state| state["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };

    assert_eq!(names(&server).await, ["triage", "waiting", "deny", "close"]);
    assert_eq!(server.set_state(id, "approve", 409).await["code"], "state_from");
    assert_eq!(server.set_state(id, "deny", 422).await["code"], "arguments");
    let blank = json!({"state": "deny", "comment": " \n\t"});
    server.call(Method::PATCH, &format!("/tasks/{id}/state"), Some(blank), 422).await;
    let with = json!({"state": "close", "comment": "x"});
    let refused = server.call(Method::PATCH, &format!("/tasks/{id}/state"), Some(with), 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/comment");

    server.set_state(id, "triage", 200).await;
    assert_eq!(names(&server).await, ["waiting", "approve", "deny", "close"]);
    server.set_state(id, "approve", 200).await;
    assert!(names(&server).await.is_empty());
}
