//! A large backlog goes out after its endpoint was enabled again, while somebody
//! reads the inbox.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep_until};

use crate::Plan;
use crate::decisions::{decide_all, post};
use crate::deliveries::per_second;
use crate::inbox::{Inbox, admin};
use crate::receiver::Receiver;
use crate::wire::Wire;

const READS_PER_SECOND: u32 = 50;

pub struct Drain {
    pub rows: usize,
    pub per_second: f64,
    /// Of a page of tasks, sorted: while all waits, and while it goes out.
    pub reads_before: Vec<Duration>,
    pub reads_meanwhile: Vec<Duration>,
}

pub async fn measure(plan: &Plan, inbox: &Inbox, receiver: &Receiver) -> Result<Drain> {
    change(inbox, receiver, "paused").await?;
    receiver.forget();
    // Some at a time, as they would come.
    for made in (0..plan.backlog).step_by(5000) {
        let count = (plan.backlog - made).min(5000);
        decide_all(inbox, &post(inbox, receiver, count).await?).await?;
    }

    let mut reads_before = Vec::new();
    let pause = tokio::time::sleep(Duration::from_secs(plan.latency_seconds / 2));
    read_until(inbox, pause, &mut reads_before).await?;

    change(inbox, receiver, "enabled").await?;
    let mut reads_meanwhile = Vec::new();
    let arrivals =
        read_until(inbox, receiver.received(plan.backlog), &mut reads_meanwhile).await??;

    reads_before.sort();
    reads_meanwhile.sort();
    let per_second = per_second(&arrivals)?;
    Ok(Drain { rows: plan.backlog, per_second, reads_before, reads_meanwhile })
}

/// As an admin does it.
async fn change(inbox: &Inbox, receiver: &Receiver, state: &str) -> Result<()> {
    let sql = "select inbox_internal.change_endpoint($1, endpoint.id, $2)
               from app.endpoint where endpoint.url = $3";
    inbox.db.run(sql, &[&admin(), &state, &receiver.url]).await?;
    Ok(())
}

/// Reads the newest tasks until that has ended. A read counts from the moment it
/// was due, so that one that is late makes the next ones late too.
async fn read_until<T>(
    inbox: &Inbox,
    end: impl Future<Output = T>,
    reads: &mut Vec<Duration>,
) -> Result<T> {
    let request = inbox.request("GET", "/tasks?limit=20", "");
    let mut wire = Wire::connect(inbox.address).await?;
    let mut due = Instant::now();
    let reading = async {
        loop {
            due += Duration::from_secs(1) / READS_PER_SECOND;
            sleep_until(due).await;
            let status = wire.status_of(&request).await?;
            ensure!(status == 200, "a read was answered with {status}");
            reads.push(due.elapsed());
        }
    };
    tokio::select! {
        ended = end => Ok(ended),
        broken = reading => broken.context("reading the inbox meanwhile"),
    }
}
