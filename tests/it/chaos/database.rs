//! PostgreSQL crashes, is away, has no connection to spare, or lets nobody write.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::time::sleep;
use tokio_postgres::Client;

use super::inbox::{Inbox, count};
use super::ledger::note;
use super::load::{Decision, Load};
use super::postgresql::Postgresql;
use super::program::Program;
use super::receiver::Answer;
use super::{PATIENCE, is_long, seconds, until};

/// A server decides nothing itself here, so only PostgreSQL can tell it.
async fn allow_at_psql(client: &Client, load: &Load) -> Decision {
    let id = load.post().await.unwrap();
    client.query("select from inbox.set_task_state($1, 'allow')", &[&id]).await.unwrap();
    (id, "allow".to_owned())
}

async fn health(server: &Program) -> StatusCode {
    let health = crate::server::client().get(format!("{}/healthz", server.url)).send();
    health.await.unwrap().status()
}

#[tokio::test]
async fn f41_after_a_crash_of_an_idle_postgresql_webhooks_go_on() {
    let postgresql = Postgresql::start().await;
    let inbox = Inbox::on(&postgresql.database_url).await;
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    let waiting = load.post().await.unwrap();
    postgresql.restart().await;

    // Maybe nobody listens yet: then whoever begins to listen has to look as well.
    let client = inbox.client().await;
    client.query("select from inbox.set_task_state($1, 'allow')", &[&waiting]).await.unwrap();
    let mut decisions = vec![(waiting, "allow".to_owned())];
    inbox.receiver.arrived(1).await;
    let began = Instant::now();
    for arrived in 2..=6 {
        decisions.push(allow_at_psql(&client, &load).await);
        inbox.receiver.arrived(arrived).await;
    }
    // The beat alone would take 2.5 s for each, on average.
    assert!(began.elapsed() < Duration::from_secs(5), "not heard: {:?}", began.elapsed());
    inbox.drained(PATIENCE).await;
    let ledger = inbox.balance("f41_pg_restart_idle", &decisions, &[]).await;
    assert_eq!(ledger.accepted, 6);
}

#[tokio::test]
async fn f42_a_crash_of_postgresql_while_answers_are_pending_loses_none() {
    let postgresql = Postgresql::start().await;
    let inbox = Inbox::on(&postgresql.database_url).await;
    inbox.receiver.answer(|_| Answer::Held(200));
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    for _ in 0..10 {
        load.walk(&["allow"]).await;
    }
    inbox.receiver.arrived(10).await;
    postgresql.restart().await;
    inbox.receiver.release();

    // A claim that the crash undid is made again; one whose result it lost runs out.
    inbox.drained(Duration::from_secs(90)).await;
    let ledger = inbox.balance("f42_pg_restart_in_flight", &load.acknowledged(), &[]).await;
    assert_eq!(ledger.accepted, 10);
}

#[tokio::test]
async fn f43_while_postgresql_is_away_the_server_waits_quietly() {
    let postgresql = Postgresql::start().await;
    let inbox = Inbox::on(&postgresql.database_url).await;
    inbox.receiver.answer(|_| Answer::Held(200));
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    // More than may be under way at once.
    for _ in 0..25 {
        load.walk(&["allow"]).await;
    }
    inbox.receiver.arrived(16).await;
    postgresql.stop().await;
    until("ill health", PATIENCE, async || health(&server).await == 503).await;
    inbox.receiver.release();

    let tries = || server.log().matches("the database is out of reach:").count();
    let (began, used, tried) = (Instant::now(), server.processor_time(), tries());
    // Here it is the clock that is waited for.
    sleep(seconds(3, 300)).await;
    let used = (server.processor_time() - used).as_secs_f64() / began.elapsed().as_secs_f64();
    let tried = (tries() - tried) as f64 / began.elapsed().as_secs_f64();
    assert_eq!(health(&server).await, 503);
    postgresql.restart().await;

    inbox.drained(Duration::from_secs(90)).await;
    until("good health", PATIENCE, async || health(&server).await == 200).await;
    load.walk(&["allow"]).await;
    inbox.drained(PATIENCE).await;
    let ledger = inbox.balance("f43_pg_down", &load.acknowledged(), &[]).await;
    assert_eq!(ledger.accepted, 26);
    note("tries a second meanwhile", format!("{tried:.1}"));
    note("% of a processor meanwhile", format!("{:.2}", used * 100.0));
    // Results are written down every 200 ms, the rest waits longer from try to try.
    assert!(tried > 0.0 && tried < 12.0, "{tried:.1} tries a second");
    // Beside busy neighbours the same work takes several times as long, and a busy loop
    // still gets more than a tenth.
    let most = if is_long() { 0.01 } else { 0.1 };
    assert!(used < most, "a busy loop: {:.2} % of a processor", used * 100.0);
}

#[tokio::test]
async fn f46_with_every_connection_held_nothing_breaks() {
    let inbox = Inbox::new().await;
    inbox.receiver.answer(|_| Answer::After(Duration::from_millis(500), 200));
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    let mut waiting = Vec::new();
    for _ in 0..40 {
        waiting.push(load.post().await.unwrap());
    }
    for id in &waiting[..5] {
        load.decide(*id, "allow").await;
    }
    inbox.receiver.arrived(5).await;

    let mut client = inbox.client().await;
    let locked = client.transaction().await.unwrap();
    locked.batch_execute("lock table app.outbox in access exclusive mode").await.unwrap();
    let held = async {
        sleep(seconds(3, 10)).await;
        assert_eq!(inbox.receiver.count(), 5, "sent without a claim");
        // Those that were under way did not wait for anything.
        assert_eq!(inbox.receiver.accepted(), 5);
        locked.rollback().await.unwrap();
    };
    // More than there are connections, and each waits as long as it may.
    let decisions = waiting[5..].iter().map(|id| load.decide(*id, "allow"));
    let (statuses, ()) = tokio::join!(futures_util::future::join_all(decisions), held);
    assert!(statuses.iter().all(|status| matches!(status, Some(200 | 503))), "{statuses:?}");

    for id in &waiting[5..] {
        if !load.acknowledged().iter().any(|(acknowledged, _)| acknowledged == id) {
            load.decide(*id, "allow").await;
        }
    }
    inbox.drained(PATIENCE).await;
    let (acknowledged, unanswered) = (load.acknowledged(), load.unanswered());
    let ledger = inbox.balance("f46_pool_exhausted", &acknowledged, &unanswered).await;
    assert_eq!((ledger.accepted, ledger.duplicates), (40, 0));
}

#[tokio::test]
async fn f47_nothing_is_sent_when_no_claim_can_be_written_down() {
    let inbox = Inbox::new().await;
    inbox.receiver.answer(|_| Answer::Status(500));
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    for _ in 0..20 {
        load.walk(&["allow"]).await;
    }
    // Claims go on. Each is a probe now, with a pause before the next: not many are waited for.
    inbox.receiver.arrived(25).await;
    let pending = load.post().await.unwrap();

    let client = inbox.client().await;
    only_reading(&client, "on").await;
    let status = load.decide(pending, "allow").await;
    assert!(matches!(status, Some(500..)), "it was written down: {status:?}");
    // What was claimed before may still be sent now, however late; no more than that.
    sleep(seconds(2, 60)).await;
    let claims = "select sum(claim_no)::int from app.outbox";
    let claims: i32 = client.query_one(claims, &[]).await.unwrap().get(0);
    let sent = inbox.receiver.count();
    assert!(sent <= claims as usize, "{sent} sent with {claims} claims");
    assert_eq!(health(&server).await, 200, "reading is possible");

    only_reading(&client, "off").await;
    inbox.receiver.answer(|_| Answer::Status(200));
    inbox.drained(seconds(90, 90)).await;
    let (acknowledged, unanswered) = (load.acknowledged(), load.unanswered());
    let ledger = inbox.balance("f47_readonly", &acknowledged, &unanswered).await;
    assert_eq!((ledger.accepted, ledger.duplicates, ledger.unanswered), (20, 0, 0));
    note("while reading only, a decision", status.unwrap_or_default());
}

/// As on a replica of the database, or one whose disk is full.
async fn only_reading(client: &Client, value: &str) {
    let sql = "select current_database()";
    let name: String = client.query_one(sql, &[]).await.unwrap().get(0);
    let alter = format!("alter database {name} set default_transaction_read_only = {value}");
    client.batch_execute(&alter).await.unwrap();
    let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()";
    client.query(end, &[]).await.unwrap();
    assert_eq!(count(client, "false").await, 0);
}
