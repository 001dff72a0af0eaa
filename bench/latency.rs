//! How soon a decision is at its receiver, also while another receiver hangs.

use std::time::Duration;

use anyhow::Result;

use crate::Plan;
use crate::decisions::{decide_all, decide_evenly, post};
use crate::inbox::Inbox;
use crate::receiver::Receiver;
use crate::table::percentile;

/// What the hanging receiver is owed, of which as much as may be is under way.
const OWED: usize = 1000;
const UNDER_WAY: usize = 16;
const PER_SECOND: usize = 50;

/// Sorted.
#[derive(Default)]
pub struct Latency {
    pub from_answer: Vec<Duration>,
    /// From the decider's request on.
    pub from_request: Vec<Duration>,
}

impl Latency {
    fn add(&mut self, more: &Latency) {
        self.from_answer.extend(&more.from_answer);
        self.from_request.extend(&more.from_request);
        self.from_answer.sort();
        self.from_request.sort();
    }
}

pub async fn measure(
    inbox: &Inbox,
    receiver: &Receiver,
    per_second: usize,
    seconds: u64,
) -> Result<Latency> {
    let count = per_second * seconds as usize;
    let tasks = post(inbox, receiver, count).await?;
    receiver.forget();
    let decided = decide_evenly(inbox, &tasks, per_second).await?;

    let mut latency = Latency::default();
    for arrival in receiver.received(count).await? {
        let decided = decided[arrival.number - tasks.first];
        // None at all when the webhook was there before the answer.
        latency.from_answer.push(arrival.at.saturating_duration_since(decided.answered));
        latency.from_request.push(arrival.at - decided.asked);
    }
    latency.from_answer.sort();
    latency.from_request.sort();
    Ok(latency)
}

/// A healthy receiver's at 50 decisions a second: by itself, and beside one that
/// accepts connections and never answers.
#[derive(Default)]
pub struct Neighbours {
    pub alone: Latency,
    pub beside: Latency,
    /// Of the slowest hundredth, round by round.
    pub ratios: Vec<f64>,
}

pub async fn neighbours(
    plan: &Plan,
    inbox: &Inbox,
    healthy: &Receiver,
    hanging: &Receiver,
) -> Result<Neighbours> {
    inbox.set_endpoints(&[hanging], "paused").await?;
    decide_all(inbox, &post(inbox, hanging, OWED).await?).await?;

    let mut found = Neighbours::default();
    for _ in 0..plan.rounds {
        let alone = measure(inbox, healthy, PER_SECOND, plan.latency_seconds).await?;

        begin_hanging(inbox, hanging).await?;
        let beside = measure(inbox, healthy, PER_SECOND, plan.latency_seconds).await?;
        inbox.set_endpoints(&[hanging], "paused").await?;
        hanging.hang_up();

        let slowest = |latency: &Latency| percentile(&latency.from_request, 99).as_secs_f64();
        found.ratios.push(slowest(&beside) / slowest(&alone));
        found.alone.add(&alone);
        found.beside.add(&beside);
    }
    Ok(found)
}

/// As if it had never failed before.
async fn begin_hanging(inbox: &Inbox, hanging: &Receiver) -> Result<()> {
    let sql = "update app.outbox owed set due_at = now(), failures = 0
               from app.endpoint where endpoint.id = owed.endpoint_id and endpoint.url = $1";
    inbox.db.run(sql, &[&hanging.url]).await?;
    let sql =
        "update app.endpoint set failures = 0, failing_since = null, opened = 0 where url = $1";
    inbox.db.run(sql, &[&hanging.url]).await?;
    hanging.forget();
    inbox.set_endpoints(&[hanging], "enabled").await?;
    hanging.received(UNDER_WAY).await.map(drop)
}
