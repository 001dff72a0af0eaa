//! Who waits for a task over HTTP is answered when there is something to say, and
//! keeps nobody else waiting.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::Method;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use task_inbox::serve::Part;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::hook::Hook;
use crate::inbox::decide;
use crate::postgres;
use crate::server::{Server, make_person, within};

async fn server() -> Server {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    server
}

impl Server {
    fn asking(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.key)
    }

    /// Waits for another version than the one that is known.
    fn other_than(&self, id: Uuid, version: &str, seconds: u8) -> RequestBuilder {
        let path = format!("/tasks/{id}");
        self.asking(&path)
            .header("if-none-match", version)
            .header("prefer", format!("wait={seconds}"))
    }

    async fn made_tasks(&self, count: usize) -> Vec<Uuid> {
        let task = json!({"schema_name": "ti:sample", "task": "flag-content"});
        let batch = json!({"tasks": vec![task; count]});
        let posted = self.call(Method::POST, "/tasks/batch", Some(batch), 200).await;
        let results = posted["results"].as_array().unwrap().iter();
        results.map(|result| result["id"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// Once as many wait as there are places, which a wait without one shows.
    async fn until_full(&self, id: Uuid) {
        within("the waits to begin", async {
            while self.asking(&format!("/tasks/{id}?wait=1")).send().await.unwrap().status() != 429
            {
            }
        })
        .await;
    }
}

/// Waits in the background; gives the answer and when it came. The last place may
/// just be taken by who looks whether all are.
fn wait(request: RequestBuilder) -> JoinHandle<(Response, Instant)> {
    tokio::spawn(async move {
        loop {
            let response = request.try_clone().unwrap().send().await.unwrap();
            if response.status() != 429 {
                return (response, Instant::now());
            }
        }
    })
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

async fn state(response: Response) -> Value {
    response.json::<Value>().await.unwrap()["task"]["state"].clone()
}

fn percentile(times: &[Duration], share: usize) -> Duration {
    times[times.len() * share / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_who_wait_are_each_answered_at_once_and_hold_no_connection() {
    let server = Server::start_with(|config| config.limits.waiters = 1_000).await;
    server.with_hook(&Hook::start().await).await;
    let ids = server.made_tasks(1_000).await;
    let spare = server.post_flag().await;
    let waits: Vec<_> =
        ids.iter().map(|id| wait(server.asking(&format!("/tasks/{id}?wait=60")))).collect();
    server.until_full(spare).await;

    let owner = postgres::client(&server.database_url).await;
    let sessions = "select count(*), count(*) filter (where state <> 'idle') from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()";
    let row = owner.query_one(sessions, &[]).await.unwrap();
    // The server's pools are of 16 and 4, one listens, and this test has 16 of its own.
    let (all, busy): (i64, i64) = (row.get(0), row.get(1));
    assert!(all <= 37 && busy <= 2, "{all} sessions, {busy} busy");

    let mut decided = Vec::new();
    for id in &ids {
        server.set_state(*id, "allow", 200).await;
        decided.push(Instant::now());
    }
    let answers = within("the answers", join_all(waits)).await;
    let mut times = Vec::new();
    for (answer, decided) in answers.into_iter().zip(decided) {
        let (response, answered) = answer.unwrap();
        assert_eq!(state(response).await, "allow");
        times.push(answered.saturating_duration_since(decided));
    }
    times.sort();
    let (half, most) = (percentile(&times, 50), percentile(&times, 99));
    eprintln!(
        "1,000 waits: answered {half:?} after the decision (p50), {most:?} (p99), {:?} (longest)",
        times[999]
    );
    assert!(most < Duration::from_secs(2), "{most:?}");
}

#[tokio::test]
async fn who_waits_at_one_replica_hears_of_a_decision_at_another() {
    let first = server().await;
    let second = Server::on(&first.database_url, Part::NoWorker).await;
    // With beats alone, five seconds apart, twenty in a row would be too late.
    let times = within("twenty answers", async {
        let mut times = Vec::new();
        for id in first.made_tasks(20).await {
            let waiting = wait(second.other_than(id, "\"1\"", 60));
            first.set_state(id, "allow", 200).await;
            let decided = Instant::now();
            let (response, answered) = waiting.await.unwrap();
            assert_eq!(
                (header(&response, "etag"), response.status().as_u16()),
                ("\"2\"".to_owned(), 200)
            );
            times.push(answered.saturating_duration_since(decided));
        }
        times
    })
    .await;
    let longest = times.iter().max().unwrap();
    eprintln!("answered at another replica {longest:?} after the decision (longest of 20)");
}

#[tokio::test]
async fn a_deadline_that_passes_answers_who_waits_at_every_replica() {
    let first = Server::start().await;
    let second = Server::on(&first.database_url, Part::NoWorker).await;
    let schema = "name: s\nsemver: '1'\ntasktypes: [{name: t, resolved_states: [done, lapsed], respond_within: 1h, on_expire: lapsed}]\n";
    first.load(schema).await;
    let posted = first.post(json!({"schema_name": "s", "task": "t"}), 201).await;
    let path = format!("/tasks/{}?wait=60", posted["id"].as_str().unwrap());
    let waits = [wait(first.asking(&path)), wait(second.asking(&path))];
    first.db.run("update app.task set respond_by = now()", &[]).await.unwrap();
    for answer in within("the answers", join_all(waits)).await {
        let found: Value = answer.unwrap().0.json().await.unwrap();
        assert_eq!(
            (&found["task"]["state"], &found["task"]["resolution"]),
            (&json!("lapsed"), &json!("expired"))
        );
    }
}

#[tokio::test]
async fn a_reader_who_knows_the_version_is_answered_with_another_one_only() {
    let server = server().await;
    let id = server.post_flag().await;
    for (known, seconds, status) in [
        ("\"1\"", 0, 304),
        ("W/\"1\"", 0, 304),
        ("\"1\"", 1, 304),
        ("\"9\"", 60, 200),
        ("\"x\"", 60, 200),
    ] {
        let response = server.other_than(id, known, seconds).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), header(&response, "etag")),
            (status, "\"1\"".to_owned()),
            "{known}"
        );
    }

    let waiting = wait(server.other_than(id, "\"1\"", 60));
    // A remark changes nothing that is decided on.
    let comment = Some(json!({"body": "Looking"}));
    server.call(Method::POST, &format!("/tasks/{id}/comments"), comment, 200).await;
    server.set_state(id, "level1", 200).await;
    let (response, _) = within("the answer", waiting).await.unwrap();
    assert_eq!(
        (header(&response, "etag"), header(&response, "preference-applied")),
        ("\"3\"".to_owned(), "wait=60".to_owned())
    );
    assert_eq!(state(response).await, "level1");
}

#[tokio::test]
async fn who_knows_a_settled_task_is_not_woken_by_what_happens_elsewhere() {
    let server = server().await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let over = "select count(*) from inbox_internal.settled_among(array[$1::uuid], array[$2::int])";
    for (known, count) in [(None, 1), (Some(1), 1), (Some(2), 0)] {
        let row = server.db.row(over, &[&id, &known]).await.unwrap();
        assert_eq!(row.get::<_, i64>(0), count, "{known:?}");
    }
}

#[tokio::test]
async fn what_is_undone_answers_nobody() {
    let server = Server::start_with(|config| config.undo_seconds = 60).await;
    server.with_hook(&Hook::start().await).await;
    make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let cookie = server.sign_in("ana").await;
    let id = server.post_flag().await;
    let mut waiting = wait(server.asking(&format!("/tasks/{id}?wait=60")));
    let form = "version=1&state=block&comment=";
    assert_eq!(decide(&server, &cookie, id, form).await.status(), 303);
    let undo = "select inbox.undo_task($1, actor => (select inbox_internal.person_actor(person.id) from app.person person where name = 'ana'), via => 'web')";
    server.db.run(undo, &[&id]).await.unwrap();
    let still = server.asking(&format!("/tasks/{id}?wait=1")).send().await.unwrap();
    assert_eq!(state(still).await, json!(null));
    assert!(futures_util::FutureExt::now_or_never(&mut waiting).is_none());

    server.set_state(id, "allow", 200).await;
    assert_eq!(state(within("the answer", waiting).await.unwrap().0).await, "allow");
}

#[tokio::test]
async fn a_server_that_stops_answers_all_who_wait() {
    let server = Server::start_with(|config| config.limits.waiters = 41).await;
    server.with_hook(&Hook::start().await).await;
    let ids = server.made_tasks(20).await;
    let mut waits = vec![wait(server.asking("/events?after=0&wait=60"))];
    for id in &ids {
        waits.push(wait(server.asking(&format!("/tasks/{id}?wait=60"))));
        waits.push(wait(server.other_than(*id, "\"1\"", 60)));
    }
    server.until_full(ids[0]).await;
    server.stop().await;
    let answers = within("the answers", join_all(waits)).await;
    let statuses: Vec<u16> =
        answers.into_iter().map(|answer| answer.unwrap().0.status().as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 21, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 304).count(), 20, "{statuses:?}");
}
