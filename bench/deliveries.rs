//! Webhooks a second, of a backlog and while people decide.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Plan;
use crate::decisions::{decide, decide_all, post};
use crate::inbox::Inbox;
use crate::pgbench;
use crate::receiver::{Arrival, Receiver};
use crate::wire::Wire;

const CLIENTS: usize = 32;

#[derive(Default)]
pub struct Throughput {
    /// Deliveries a second to one receiver, first to last, when all were decided before.
    pub backlog: Vec<f64>,
    /// The same while 32 clients decide over HTTP.
    pub along: Vec<f64>,
    /// Decisions a second meanwhile.
    pub decisions: Vec<f64>,
    /// A backlog for ten receivers that think for a while.
    pub ten: Vec<f64>,
    /// Transactions a second of 8 clients that insert a row each, for scale.
    pub commits: Vec<f64>,
}

impl Throughput {
    /// Of neighbours, each.
    pub fn ratios(&self) -> Vec<f64> {
        self.ten.iter().zip(&self.commits).map(|(ten, commits)| ten / commits).collect()
    }
}

pub async fn throughput(
    plan: &Plan,
    inbox: &Inbox,
    prompt: &Receiver,
    ten: &[Receiver],
) -> Result<Throughput> {
    inbox.db.run("create schema bench", &[]).await?;
    inbox
        .db
        .run("create table bench.commits (id bigint generated always as identity)", &[])
        .await?;
    let ten: Vec<&Receiver> = ten.iter().collect();
    let mut found = Throughput::default();
    for _ in 0..plan.rounds {
        found.backlog.push(backlog(inbox, &[prompt], plan.deliveries).await?);
        let (along, decisions) = along(inbox, prompt, plan.deliveries).await?;
        found.along.push(along);
        found.decisions.push(decisions);
        found.ten.push(backlog(inbox, &ten, 2 * plan.deliveries / ten.len()).await?);
        found.commits.push(commits(plan, inbox).await?);
    }
    Ok(found)
}

/// So many for each of them.
async fn backlog(inbox: &Inbox, receivers: &[&Receiver], count: usize) -> Result<f64> {
    inbox.set_endpoints(receivers, "paused").await?;
    for receiver in receivers {
        receiver.forget();
        decide_all(inbox, &post(inbox, receiver, count).await?).await?;
    }
    inbox.set_endpoints(receivers, "enabled").await?;
    let arrivals = try_join_all(receivers.iter().map(|receiver| receiver.received(count))).await?;
    per_second(&arrivals.concat())
}

async fn along(inbox: &Inbox, receiver: &Receiver, count: usize) -> Result<(f64, f64)> {
    let tasks = post(inbox, receiver, count).await?;
    receiver.forget();
    let began = Instant::now();
    let waiting = Mutex::new(tasks.ids.iter());
    let client = async || -> Result<()> {
        let mut wire = Wire::connect(inbox.address).await?;
        loop {
            let Some(id) = waiting.lock().await.next() else { return Ok(()) };
            decide(inbox, &mut wire, *id).await?;
        }
    };
    try_join_all((0..CLIENTS).map(|_| client())).await?;
    let decisions = count as f64 / began.elapsed().as_secs_f64();
    Ok((per_second(&receiver.received(count).await?)?, decisions))
}

async fn commits(plan: &Plan, inbox: &Inbox) -> Result<f64> {
    let statement = "insert into bench.commits default values;\n";
    pgbench::per_second(inbox, 8, plan.seconds, statement, &[]).await
}

/// First to last; refuses what came twice.
pub fn per_second(arrivals: &[Arrival]) -> Result<f64> {
    let numbers: HashSet<usize> = arrivals.iter().map(|arrival| arrival.number).collect();
    ensure!(
        numbers.len() == arrivals.len(),
        "{} deliveries came twice",
        arrivals.len() - numbers.len()
    );
    let first = arrivals.iter().map(|arrival| arrival.at).min();
    let last = arrivals.iter().map(|arrival| arrival.at).max();
    let took = first.zip(last).map_or(Duration::ZERO, |(first, last)| last - first);
    Ok((arrivals.len() - 1) as f64 / took.as_secs_f64())
}
