//! The undo window ends and somebody takes the decision back, at the same instant:
//! it is taken back and the application hears nothing of it, or it is told and who
//! undoes hears that it is over. Never both, and never neither.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;
use task_inbox::serve::Part;
use uuid::Uuid;

use super::races::meet;
use super::{Desk, invariants};
use crate::postgres;
use crate::server::Server;

const SCHEMA: &str = "name: last
semver: '1'
default_hook_url: HOOK
hook_auth: {kind: standard}
tasktypes: [{name: t, undo_seconds: 60, resolved_states: [allow, deny]}]
";

/// As a worker does for whom the window has ended.
const CLAIM: &str = "select id from inbox_internal.claim_deliveries(
    7, 1, array(select key_id from app.webhook_secret))";

async fn desk(part: Part) -> Desk {
    let desk = Desk::at(Server::on(&postgres::fresh_database().await, part).await).await;
    desk.server.load(&SCHEMA.replace("HOOK", &desk.hook.url)).await;
    desk.server.make_secret("last").await;
    desk
}

async fn post(desk: &Desk, merge_key: Uuid) -> Uuid {
    let new = json!({"schema_name": "last", "task": "t", "merge_key": merge_key});
    desk.server.post(new, 201).await["id"].as_str().unwrap().parse().unwrap()
}

/// Which tasks the application heard of, each once.
fn told(desk: &Desk) -> BTreeSet<Uuid> {
    let received = desk.hook.so_far();
    let ids: BTreeSet<Uuid> = (received.iter())
        .map(|one| one.json()["data"]["task"]["id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(ids.len(), received.len(), "each is told once");
    ids
}

/// What the task and what is owed for it look like, when it was undone and when not.
async fn is_as_it_was_heard(desk: &Desk, id: Uuid, undone: bool) {
    let task = desk.task(id).await;
    assert_eq!(task["state"], if undone { json!(null) } else { json!("allow") }, "{id}");
    let outcome = if undone { "void" } else { "delivered" };
    let as_said = format!(
        "select count(*) from app.delivery where task_id = '{id}' and outcome = '{outcome}'"
    );
    assert_eq!(desk.number(&as_said).await, 1, "{id} {outcome}");
}

#[tokio::test]
async fn of_an_undo_and_a_claim_of_its_webhook_the_first_counts() {
    let desk = desk(Part::NoWorker).await;
    let ana = desk.actor("ana").await;
    let undo = |id: Uuid| {
        format!("select id from inbox.undo_task('{id}', actor => '{ana}', via => 'web')")
    };
    // As long as it lives nobody frees what it has claimed.
    let worker = postgres::client(&desk.server.database_url).await;
    worker.batch_execute("select pg_advisory_lock(inbox_internal.worker_lock(), 7)").await.unwrap();
    let mut rounds = Vec::new();
    for round in 0..24 {
        // Some decide one post, some three: then a claim of one is in the way of all.
        let key = Uuid::now_v7();
        let mut ids = Vec::new();
        for _ in 0..[1, 3][round / 2 % 2] {
            ids.push(post(&desk, key).await);
        }
        desk.person("ana", "set_task_state", ids[0], json!({"state": "allow"})).await.unwrap();
        // The oldest that is due goes first: of three that is any of them.
        let due = format!(
            "update app.outbox set due_at = now() where task_id = '{}'",
            ids[round % ids.len()]
        );
        desk.arrange(&due).await;
        let claim_is_first = round % 2 == 0;
        let heard = match claim_is_first {
            true => meet(&desk, CLAIM, &undo(ids[0])).await.1,
            false => meet(&desk, &undo(ids[0]), CLAIM).await.0,
        };
        assert_eq!(heard, if claim_is_first { "undo_over" } else { "ok" }, "round {round}");
        rounds.extend(ids.into_iter().map(|id| (id, !claim_is_first)));
    }
    let claimed = "select count(*) from app.outbox where claim_no > 0";
    assert_eq!(desk.number(claimed).await, 12, "one for each round that it was first in");

    // What it held is sent by another when it has died, and nothing that was undone.
    drop(worker);
    let _other = Server::on(&desk.server.database_url, Part::WorkerOnly).await;
    desk.tell().await;
    desk.until_told().await;
    let told = told(&desk);
    for (id, undone) in rounds {
        assert_eq!(told.contains(&id), !undone, "{id}");
        is_as_it_was_heard(&desk, id, undone).await;
    }
    invariants::hold(&desk).await;
}

/// Asks to undo over HTTP, by the page or by the API; whether it was done.
async fn ask(desk: &Desk, cookie: &str, id: Uuid, by_page: bool) -> bool {
    let url = &desk.server.url;
    let http = &desk.server.http;
    let request = match by_page {
        true => http
            .post(format!("{url}/tasks/{id}/undo"))
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("version=2"),
        false => http.post(format!("{url}/api/v1/tasks/{id}/undo")).bearer_auth(&desk.server.key),
    };
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let over = if by_page { "Too late: the app has been told." } else { "\"undo_over\"" };
    let done = if by_page { 303 } else { 200 };
    assert!(status == done || status == 409 && text.contains(over), "{status}: {text}");
    status == done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_in_the_last_instant_is_done_and_untold_or_refused_and_told() {
    let desk = desk(Part::All).await;
    let ana = desk.server.sign_in("ana").await;
    let mut ids = Vec::new();
    for _ in 0..60 {
        let id = post(&desk, Uuid::now_v7()).await;
        let path = format!("/tasks/{id}/state");
        desk.server.submit(&path, &ana, "version=1&state=allow", 303).await;
        ids.push(id);
    }
    // Nobody undoes in the last half second: so what is left lies on either side of
    // it, and at last is enough. In every third the worker's clock says already that
    // it is over.
    let rounds = ids.iter().enumerate().map(async |(round, id)| {
        let left = if round < 54 { 0.46 + 0.015 * round as f64 } else { 10.0 };
        let due = if round % 3 == 0 { 0.0 } else { left };
        let end = postgres::client(&desk.server.database_url).await;
        end.batch_execute(&format!(
            "begin;
             update app.task set held_until = clock_timestamp() + {left} * interval '1 second' where id = '{id}';
             update app.event event set held_until = task.held_until
               from app.task task where task.id = event.task_id and task.id = '{id}' and event.sequence = 2;
             update app.outbox set due_at = clock_timestamp() + {due} * interval '1 second' where task_id = '{id}';
             commit"
        ))
        .await
        .unwrap();
        let woken = end.batch_execute("select inbox_internal.notify_all()");
        let (undone, woken) = tokio::join!(ask(&desk, &ana, *id, round % 2 == 0), woken);
        woken.unwrap();
        undone
    });
    let undone = join_all(rounds).await;
    desk.until_told().await;
    // For readers the clock has it: by theirs all windows are over as well now.
    desk.tell().await;
    let told = told(&desk);
    for (id, undone) in ids.iter().zip(&undone) {
        assert_eq!(told.contains(id), !undone, "{id}");
        is_as_it_was_heard(&desk, *id, *undone).await;
    }
    eprintln!("{} undone, {} told", ids.len() - told.len(), told.len());
    assert!(!told.is_empty() && told.len() < ids.len(), "of 60 some are first and some last");
    invariants::hold(&desk).await;
}
