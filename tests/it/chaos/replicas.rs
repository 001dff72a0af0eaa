//! Several servers on one database: one ends, one freezes, two want the same.

use std::time::{Duration, Instant};

use tokio_postgres::Client;

use super::inbox::{Inbox, count};
use super::ledger::note;
use super::load::Load;
use super::receiver::Answer;
use super::{PATIENCE, is_long, length, seconds, until};

#[tokio::test]
async fn f40_sigterm_lets_all_that_is_under_way_finish() {
    let mut inbox = Inbox::new().await;
    // More than one endpoint may have at once.
    inbox.apply("ti:other").await;
    let (least, more) = (Duration::from_secs(1), seconds(1, 2));
    inbox.receiver.answer(move |_| Answer::After(least + more.mul_f64(rand::random()), 200));
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    let walks = (0..20).map(async |number| {
        let schema = ["ti:sample", "ti:other"][number % 2];
        let id = load.post_to(schema).await.unwrap();
        load.decide(id, "allow").await;
    });
    futures_util::future::join_all(walks).await;
    let client = inbox.client().await;
    inbox.receiver.arrived(20).await;
    assert_eq!(inbox.receiver.accepted(), 0, "too slow to have them all under way");

    let began = Instant::now();
    let status = server.terminate().await;
    assert!(status.success(), "{status}");
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
    assert_eq!(count(&client, "true").await, 0, "owed or leased");
    let ledger = inbox.balance("f40_sigterm_drain", &load.acknowledged(), &[]).await;
    assert_eq!((ledger.accepted, ledger.requests), (20, 20));
    note("seconds to the end", format!("{:.2}", began.elapsed().as_secs_f64()));
}

#[tokio::test]
async fn f50_two_workers_send_each_webhook_once() {
    let mut inbox = Inbox::new().await;
    // Together as many as one endpoint may have at once, so that neither takes all.
    inbox.set("TASK_INBOX_WORKERS", "8");
    inbox.receiver.answer(|_| Answer::After(Duration::from_millis(5), 200));
    let servers = tokio::join!(inbox.serve(), inbox.serve_with(&["--worker-only"]));
    let client = inbox.client().await;
    let listening = async || servers.0.is_listening() && servers.1.is_listening();
    until("both to listen", PATIENCE, listening).await;
    let decisions = inbox.settled_at_psql(length(500, 5_000)).await;
    let began = Instant::now();
    let mut at_work = 0;
    until("both to have done it", seconds(30, 300), async || {
        at_work = at_work.max(workers(&client).await);
        count(&client, "true").await == 0
    })
    .await;
    let rate = decisions.len() as f64 / began.elapsed().as_secs_f64();

    let ledger = inbox.balance("f50_duplicate_claim_two_workers", &decisions, &[]).await;
    assert_eq!((ledger.accepted, ledger.requests), (decisions.len(), decisions.len()));
    assert_eq!(at_work, 2, "servers that worked");
    note("deliveries a second", format!("{rate:.0}"));
    assert!(servers.0.terminate().await.success() && servers.1.terminate().await.success());
}

async fn workers(client: &Client) -> i64 {
    let sql = "select count(distinct worker_id) from app.outbox where worker_id is not null";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn f51_what_a_stale_worker_writes_down_changes_nothing() {
    let inbox = Inbox::new().await;
    let first = std::sync::atomic::AtomicBool::new(true);
    inbox.receiver.answer(move |_| match first.swap(false, std::sync::atomic::Ordering::SeqCst) {
        true => Answer::Held(500),
        false => Answer::Status(200),
    });
    let stale = inbox.serve().await;
    let load = Load::on(&stale.url, &inbox.key);
    load.walk(&["allow"]).await;
    inbox.receiver.arrived(1).await;
    stale.freeze();
    let client = inbox.client().await;
    run_leases_out(&client).await;

    let _other = inbox.serve().await;
    inbox.drained(Duration::from_secs(90)).await;
    let before = outcome(&client).await;
    inbox.receiver.release();
    stale.thaw();
    let dropped = async || stale.log().contains("was claimed anew meanwhile");
    until("the stale result to be dropped", PATIENCE, dropped).await;

    assert_eq!(outcome(&client).await, before);
    let ledger = inbox.balance("f51_stale_worker_finish", &load.acknowledged(), &[]).await;
    assert_eq!((ledger.accepted, ledger.requests, ledger.duplicates), (1, 2, 0));
}

/// Instead of waiting for the clock; in the long form a lease is a lease.
async fn run_leases_out(client: &Client) {
    if !is_long() {
        let sql = "update app.outbox set leased_until = now() - interval '1 second'
                   where worker_id is not null";
        client.execute(sql, &[]).await.unwrap();
    }
}

async fn outcome(client: &Client) -> (String, i32, i32) {
    let sql = "select state, failures, attempts from reporting.deliveries";
    let row = client.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1), row.get(2))
}

#[tokio::test]
async fn f51_the_leases_of_a_frozen_replica_run_out() {
    let inbox = Inbox::new().await;
    inbox.receiver.answer(|_| Answer::Held(200));
    let mut frozen = inbox.serve().await;
    let load = Load::on(&frozen.url, &inbox.key);
    for _ in 0..20 {
        load.walk(&["allow"]).await;
    }
    // As many as one endpoint may have at once.
    inbox.receiver.arrived(16).await;
    frozen.freeze();
    let client = inbox.client().await;
    assert_eq!(count(&client, "worker_id is not null").await, 16);
    run_leases_out(&client).await;

    inbox.receiver.release();
    let _other = inbox.serve().await;
    inbox.drained(Duration::from_secs(90)).await;
    // Its own answers it has never read.
    frozen.kill9().await;
    let ledger = inbox.balance("f51_frozen_replica", &load.acknowledged(), &[]).await;
    assert_eq!((ledger.accepted, ledger.duplicates), (20, 16));
}
