//! A receiver that was away for long comes back to very many webhooks.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::inbox::Inbox;
use super::ledger::note;
use super::load::Load;
use super::{length, seconds, until};

#[tokio::test]
async fn f68_a_backlog_is_delivered_whole_and_posting_does_not_suffer() {
    let mut inbox = Inbox::new().await;
    let server = inbox.serve().await;
    inbox.receiver.down().await;
    let (mut backlog, all) = (Vec::new(), length(3_000, 100_000));
    while backlog.len() < all as usize {
        backlog.extend(inbox.settled_at_psql(1_000.min(all - backlog.len() as u32)).await);
    }

    let load = Load::on(&server.url, &inbox.key);
    let began = Instant::now();
    inbox.receiver.up();
    let draining = async {
        let done = async || inbox.receiver.accepted() >= backlog.len();
        until("the backlog to be delivered", seconds(60, 1_200), done).await;
        let took = began.elapsed();
        load.stop();
        took
    };
    // People and applications go on meanwhile.
    let (took, ()) = tokio::join!(draining, load.run(2, &["allow"]));
    inbox.drained(seconds(30, 600)).await;

    let (fresh, decisions) = (load.acknowledged(), backlog.len());
    let waits = waits(&inbox, began);
    backlog.extend(fresh.iter().cloned());
    let name = "f68_backlog";
    let ledger = inbox.balance(name, &backlog, &load.unanswered()).await;
    assert_eq!((ledger.owed, ledger.failed), (0, 0));

    let slowest = backlog[..decisions].iter().map(|decision| waits[&decision.0]).max().unwrap();
    let seconds = |time: Duration| format!("{:.3}", time.as_secs_f64());
    note("deliveries a second", format!("{:.0}", ledger.accepted as f64 / took.as_secs_f64()));
    note("s until the last of the backlog", seconds(slowest));
    let (middle, slow) = load.posting();
    note("s a post, the middle one", seconds(middle));
    note("s a post, 99 of 100", seconds(slow));
}

/// How long after the receiver's return each task's webhook was accepted.
fn waits(inbox: &Inbox, began: Instant) -> HashMap<uuid::Uuid, Duration> {
    let arrivals = inbox.receiver.arrivals().into_iter();
    let accepted = arrivals.filter_map(|arrival| Some((arrival.task, arrival.accepted? - began)));
    accepted.collect()
}
