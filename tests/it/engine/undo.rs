//! What a person takes back, their application never hears of, by any road.

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, make_person, within};

const UNDO: u16 = 60;

async fn desk() -> (Server, Hook, Value) {
    let (server, hook) =
        (Server::start_with(|config| config.undo_seconds = UNDO).await, Hook::start().await);
    server.with_hook(&hook).await;
    make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let ana = person(&server, "ana").await;
    (server, hook, ana)
}

/// As the pages name who acts.
async fn person(server: &Server, name: &str) -> Value {
    let sql = "select id::text from inbox_internal.person_named($1)";
    let id: String = server.db.row(sql, &[&name]).await.unwrap().get(0);
    json!({"kind": "person", "id": id, "name": name})
}

async fn tap(server: &Server, id: Uuid, state: &str, who: &Value) {
    let sql = "select owed from inbox.set_task_state($1, $2, actor => $3, via => 'web')";
    server.db.run(sql, &[&id, &state, who]).await.unwrap();
}

async fn undo(server: &Server, id: Uuid, version: i32, who: &Value) -> Result<(), String> {
    let sql = "select id from inbox.undo_task($1, $2, actor => $3, via => 'web')";
    match server.db.run(sql, &[&id, &version, who]).await {
        Ok(()) => Ok(()),
        Err(error) => Err(error.into_problem().code.into_owned()),
    }
}

async fn release(server: &Server) {
    server.sql("update app.task set held_until = now() where held_until is not null").await;
    server.sql("update app.event set held_until = now() where held_until is not null").await;
    server.sql("update app.outbox set due_at = now()").await;
    server.sql("select inbox_internal.notify_all()").await;
}

#[tokio::test]
async fn what_is_held_is_known_to_people_only_until_it_is_told() {
    let (server, hook, ana) = desk().await;
    let id = server.post_flag().await;
    tap(&server, id, "allow", &ana).await;

    let path = format!("/tasks/{id}");
    let seen = server.get(&path).await;
    assert_eq!((&seen["task"]["state"], &seen["task"]["resolved"]), (&json!(null), &json!(false)));
    assert_eq!((&seen["version"], &seen["task"]["sequence"]), (&json!(1), &json!(1)));
    assert!(seen["task"]["held_until"].is_string());
    assert_eq!(seen["deliveries"], json!([]));
    // It would be refused: somebody is deciding it.
    assert_eq!(seen["allowed_states"], json!([]));
    let history = server.get(&format!("{path}/history")).await;
    assert_eq!(history["history"].as_array().unwrap().len(), 1);
    for (query, count) in [("resolved=false", 1), ("resolved=true", 0), ("state=allow", 0)] {
        let tasks = server.get(&format!("/tasks?{query}")).await;
        assert_eq!(tasks["tasks"].as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(server.get("/deliveries").await["deliveries"], json!([]));
    assert_eq!(server.get("/events").await["events"], json!([]));
    // For whoever else would decide it is settled.
    let late = server.set_state(id, "block", 409).await;
    assert_eq!(late["code"], "task_open");
    assert!(late["held_until"].is_string(), "{late}");
    assert_eq!((&late["actor"], &late["task"]["state"]), (&json!(null), &json!(null)));
    assert!(!late.to_string().contains("allow") && !late.to_string().contains("ana"), "{late}");
    assert_eq!(server.endpoint_in("enabled").await["owed"], 0);

    release(&server).await;
    hook.received(1).await;
    let seen = server.get(&path).await;
    assert_eq!(seen["task"]["state"], "allow");
    assert_eq!(hook.so_far()[0].json()["data"]["task"]["held_until"], json!(null));
    assert_eq!(server.get("/events").await["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_undone_is_never_told_and_kept_in_the_history() {
    let (server, hook, ana) = desk().await;
    let id = server.post_flag().await;
    tap(&server, id, "allow", &ana).await;
    undo(&server, id, 2, &ana).await.unwrap();

    let path = format!("/tasks/{id}");
    let seen = server.get(&path).await;
    assert_eq!((&seen["task"]["state"], &seen["version"]), (&json!(null), &json!(3)));
    assert_eq!((&seen["task"]["held_until"], &seen["deliveries"]), (&json!(null), &json!([])));
    let steps = server.get(&format!("{path}/history")).await;
    assert_eq!(steps["history"].as_array().unwrap().len(), 1);
    let page = server
        .db
        .row("select inbox_internal.task_page($1, $2)", &[&id, &ana])
        .await
        .unwrap()
        .get::<_, Value>(0);
    let kinds: Vec<_> = page["task"]["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["kind"].as_str().unwrap(), step["undone"].as_bool().unwrap()))
        .collect();
    assert_eq!(kinds, [("posted", false), ("resolved", true), ("undone", false)]);
    assert_eq!(page["task"]["deliveries"][0]["state"], "void");

    // Decided anew, the first thing the application hears is the second decision.
    tap(&server, id, "block", &ana).await;
    release(&server).await;
    let heard = hook.received(1).await[0].json();
    assert_eq!((&heard["data"]["state"], &heard["data"]["sequence"]), (&json!("block"), &json!(4)));
    server.delivery(id, 4, "delivered").await;
    assert_eq!(hook.so_far().len(), 1);
    assert_eq!(server.get("/events").await["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn undo_is_for_who_decided_while_nobody_was_told() {
    let (server, hook, ana) = desk().await;
    make_person(&server.db, "bob", "resolver", "correct horse battery").await;
    make_person(&server.db, "eve", "admin", "correct horse battery").await;
    let (bob, eve) = (person(&server, "bob").await, person(&server, "eve").await);
    let id = server.post_flag().await;
    assert_eq!(undo(&server, id, 1, &ana).await.unwrap_err(), "role_needed");
    tap(&server, id, "level1", &ana).await;
    assert_eq!(undo(&server, id, 2, &bob).await.unwrap_err(), "role_needed");
    let key = server.make_key(&["resolve"], None).await;
    let path = format!("/tasks/{id}/undo");
    let refused = server.call_with(&key, Method::POST, &path, &[], None, 403).await;
    assert_eq!(refused["code"], "role_needed");
    undo(&server, id, 2, &eve).await.unwrap();
    assert_eq!(undo(&server, id, 3, &eve).await.unwrap_err(), "undo_over");

    // A key with the scope admin does it too; a later change of another is in the way.
    tap(&server, id, "level1", &ana).await;
    server.call(Method::POST, &path, None, 200).await;
    tap(&server, id, "level1", &ana).await;
    tap(&server, id, "level2", &bob).await;
    assert_eq!(undo(&server, id, 6, &ana).await.unwrap_err(), "undo_superseded");
    // The change of bob told the application of ana's.
    assert_eq!(hook.received(1).await[0].json()["data"]["state"], "level1");
    undo(&server, id, 7, &bob).await.unwrap();

    tap(&server, id, "allow", &ana).await;
    release(&server).await;
    hook.received(2).await;
    assert_eq!(undo(&server, id, 9, &ana).await.unwrap_err(), "undo_over");
    let path = format!("/tasks/{}/undo", Uuid::now_v7());
    let gone = server.call(Method::POST, &path, None, 404).await;
    assert_eq!(gone["code"], "task_exists");
}

#[tokio::test]
async fn a_program_and_psql_are_told_at_once_and_end_the_window_of_a_person() {
    let (server, hook, ana) = desk().await;
    let id = server.post_flag().await;
    tap(&server, id, "level1", &ana).await;
    // The API saw version 1; it is told what happened since.
    let headers = [("if-match", "\"1\"")];
    let path = format!("/tasks/{id}/state");
    let body = Some(json!({"state": "allow"}).to_string());
    let stale =
        server.call_with(&server.key, Method::PATCH, &path, &headers, body.clone(), 412).await;
    assert_eq!(stale["code"], "version_stale");
    server.call_with(&server.key, Method::PATCH, &path, &[], body, 200).await;
    let received = hook.received(2).await;
    let states: Vec<_> = received.iter().map(|one| one.json()["data"]["state"].clone()).collect();
    assert_eq!(states, ["level1", "allow"]);
}

#[tokio::test]
async fn who_waits_is_told_when_the_window_ends() {
    let (server, _hook, _) = desk().await;
    server.sql("select inbox_internal.write_setting('undo_seconds', '1')").await;
    make_person(&server.db, "joe", "resolver", "correct horse battery").await;
    let cookie = server.sign_in("joe").await;
    let id = server.post_flag().await;
    let path = format!("/tasks/{id}?wait=30");
    let decided = async {
        let form = "version=1&state=allow&comment=";
        assert_eq!(crate::inbox::decide(&server, &cookie, id, form).await.status(), 303);
        let seen = server.get(&format!("/tasks/{id}")).await;
        assert_eq!(seen["task"]["resolved"], false);
    };
    let began = std::time::Instant::now();
    let (answer, ()) = tokio::join!(server.get(&path), decided);
    assert_eq!(answer["task"]["state"], "allow");
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_type_sets_its_own_window_and_none_is_at_once() {
    let (server, hook, ana) = desk().await;
    let source = crate::server::sample_to(&hook.url)
        .replace("'1'", "'2'")
        .replace("name: flag-content,", "name: flag-content, undo_seconds: 0,");
    server.load(&source).await;
    let id = server.post_flag().await;
    tap(&server, id, "allow", &ana).await;
    server.sql("select inbox_internal.notify_all()").await;
    hook.received(1).await;
    assert_eq!(undo(&server, id, 2, &ana).await.unwrap_err(), "undo_over");
}

#[tokio::test]
async fn of_undo_and_a_worker_about_to_send_one_wins() {
    let (server, hook, ana) = desk().await;
    let client = postgres::client(&server.database_url).await;
    for round in 0..20 {
        let id = server.post_flag().await;
        tap(&server, id, "allow", &ana).await;
        // The window ends for the worker, not yet for the person.
        client
            .execute("update app.outbox set due_at = now() where task_id = $1", &[&id])
            .await
            .unwrap();
        let woken = client.batch_execute("select inbox_internal.notify_all()");
        let (undone, woken) = tokio::join!(undo(&server, id, 2, &ana), woken);
        woken.unwrap();
        within("the delivery to be settled", async {
            let left = "select count(*) from app.outbox";
            while client.query_one(left, &[]).await.unwrap().get::<_, i64>(0) > 0 {}
        })
        .await;
        let told = super::tasks_of(&hook).contains(&id.to_string());
        assert_eq!(told, undone.is_err(), "round {round}: {undone:?}");
    }
}

#[tokio::test]
async fn neither_a_post_nor_a_refusal_tells_what_is_held() {
    let (server, hook, ana) = desk().await;
    let post = json!({"schema_name": "ti:sample", "task": "flag-content", "external_id": "x1"});
    let posted = server.post(post.clone(), 201).await;
    let id: Uuid = posted["id"].as_str().unwrap().parse().unwrap();
    tap(&server, id, "level1", &ana).await;
    let again = server.post(post, 200).await;
    assert_eq!((&again["task"]["state"], &again["task"]["version"]), (&json!(null), &json!(1)));
    let path = format!("/tasks/{id}/state");
    let stale = server.call_with(
        &server.key,
        Method::PATCH,
        &path,
        &[("if-match", "\"1\"")],
        Some(json!({"state": "allow"}).to_string()),
        412,
    );
    let stale = stale.await;
    assert!(!stale.to_string().contains("level1") && !stale.to_string().contains("ana"), "{stale}");

    // A program that says the same is heard: nobody can undo what it was promised.
    server.set_state(id, "level1", 200).await;
    assert_eq!(undo(&server, id, 2, &ana).await.unwrap_err(), "undo_over");
    assert_eq!(hook.received(1).await[0].json()["data"]["state"], "level1");
    assert_eq!(server.get(&format!("/tasks/{id}")).await["task"]["state"], "level1");
}

#[tokio::test]
async fn an_open_transaction_on_a_held_task_stops_no_worker_and_no_reader() {
    let (server, hook, ana) = desk().await;
    let (held, other) = (server.post_flag().await, server.post_flag().await);
    tap(&server, held, "level1", &ana).await;
    // Somebody at psql moves the task on and goes for coffee.
    let client = postgres::client(&server.database_url).await;
    client.batch_execute("begin").await.unwrap();
    client.query("select * from inbox.set_task_state($1, 'level2')", &[&held]).await.unwrap();

    server.set_state(other, "allow", 200).await;
    server.delivery(other, 2, "delivered").await;
    assert_eq!(server.get("/events").await["events"].as_array().unwrap().len(), 1);
    client.batch_execute("commit").await.unwrap();
    hook.received(3).await;
    server.delivery(held, 3, "delivered").await;
    assert_eq!(server.get("/events").await["events"].as_array().unwrap().len(), 3);
}
