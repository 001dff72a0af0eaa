//! Decisions until their webhooks arrive: how many a second, and how soon.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::Plan;
use crate::inbox::{Inbox, META, SCHEMA, TYPE};
use crate::receiver::{Arrival, Receiver};
use crate::wire::Wire;

const DECISION: &str = r#"{"state":"allow"}"#;
const CLIENTS: usize = 32;
const PER_SECOND: usize = 200;

#[derive(Default)]
pub struct Throughput {
    /// Deliveries a second, first to last, when all were decided before.
    pub backlog: Vec<f64>,
    /// The same while 32 clients decide over HTTP.
    pub along: Vec<f64>,
    /// Decisions a second meanwhile.
    pub decisions: Vec<f64>,
}

pub struct Latency {
    /// Sorted, from the answer to the decider.
    pub from_answer: Vec<Duration>,
    /// Sorted, from the decider's request.
    pub from_request: Vec<Duration>,
}

pub async fn throughput(plan: &Plan, inbox: &Inbox, receiver: &Receiver) -> Result<Throughput> {
    let mut found = Throughput::default();
    for round in 0..plan.rounds {
        let first = 2 * round * plan.deliveries;
        let ids = post(inbox, first, plan.deliveries).await?;
        found.backlog.push(backlog(inbox, receiver, &ids).await?);

        let ids = post(inbox, first + plan.deliveries, plan.deliveries).await?;
        let (along, decisions) = along(inbox, receiver, &ids).await?;
        found.along.push(along);
        found.decisions.push(decisions);
    }
    Ok(found)
}

/// Tasks to decide; their external ids count from `first`.
async fn post(inbox: &Inbox, first: usize, count: usize) -> Result<Vec<Uuid>> {
    let rows = inbox
        .db
        .rows(
            "select posted.id
             from generate_series($1::int, $2::int) number
             cross join lateral inbox.post_task($3, $4, meta => $5::text::jsonb, external_id => number::text) posted",
            &[&(first as i32), &((first + count - 1) as i32), &SCHEMA, &TYPE, &META],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

async fn backlog(inbox: &Inbox, receiver: &Receiver, ids: &[Uuid]) -> Result<f64> {
    receiver.forget();
    inbox.db.run("update app.endpoint set state = 'paused'", &[]).await?;
    // Every decision locks its chain, and a transaction has room for some thousand locks.
    for some in ids.chunks(500) {
        let sql = "select decided.id from unnest($1::uuid[]) id cross join lateral inbox.set_task_state(id, 'allow') decided";
        inbox.db.run(sql, &[&some]).await?;
    }
    inbox.db.run("update app.endpoint set state = 'enabled'", &[]).await?;
    inbox.db.run("select inbox_internal.notify_all()", &[]).await?;
    per_second(&receiver.received(ids.len()).await?)
}

async fn along(inbox: &Inbox, receiver: &Receiver, ids: &[Uuid]) -> Result<(f64, f64)> {
    receiver.forget();
    let began = Instant::now();
    let waiting = Mutex::new(ids.iter());
    let client = async || -> Result<()> {
        let mut wire = Wire::connect(inbox.address).await?;
        loop {
            let Some(id) = waiting.lock().await.next() else { return Ok(()) };
            decide(inbox, &mut wire, *id).await?;
        }
    };
    try_join_all((0..CLIENTS).map(|_| client())).await?;
    let decisions = ids.len() as f64 / began.elapsed().as_secs_f64();
    Ok((per_second(&receiver.received(ids.len()).await?)?, decisions))
}

/// Gives when it was asked for and when it was answered.
async fn decide(inbox: &Inbox, wire: &mut Wire, id: Uuid) -> Result<(Instant, Instant)> {
    let request = inbox.request("PATCH", &format!("/tasks/{id}/state"), DECISION);
    let asked = Instant::now();
    let status = wire.status_of(&request).await?;
    ensure!(status == 200, "a decision was answered with {status}");
    Ok((asked, Instant::now()))
}

fn per_second(arrivals: &[Arrival]) -> Result<f64> {
    let numbers: std::collections::HashSet<usize> =
        arrivals.iter().map(|arrival| arrival.number).collect();
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

/// The decisions begin at their moments, whether or not those before were answered.
pub async fn latency(plan: &Plan, inbox: &Inbox, receiver: &Receiver) -> Result<Latency> {
    let count = PER_SECOND * plan.latency_seconds as usize;
    let first = 2 * plan.rounds * plan.deliveries;
    let ids = post(inbox, first, count).await?;
    receiver.forget();

    let idle = Mutex::new(Vec::new());
    let began = Instant::now() + Duration::from_millis(100);
    let decision = async |number: usize, id: Uuid| -> Result<(Instant, Instant)> {
        sleep_until(began + Duration::from_secs(1) * number as u32 / PER_SECOND as u32).await;
        let kept = idle.lock().await.pop();
        let mut wire = match kept {
            Some(wire) => wire,
            None => Wire::connect(inbox.address).await?,
        };
        let moments = decide(inbox, &mut wire, id).await?;
        idle.lock().await.push(wire);
        Ok(moments)
    };
    let decided =
        try_join_all(ids.iter().enumerate().map(|(number, id)| decision(number, *id))).await?;

    let (mut from_answer, mut from_request) = (Vec::new(), Vec::new());
    for arrival in receiver.received(count).await? {
        let (asked, answered) = decided[arrival.number - first];
        // None at all when the webhook was there before the answer.
        from_answer.push(arrival.at.saturating_duration_since(answered));
        from_request.push(arrival.at - asked);
    }
    from_answer.sort();
    from_request.sort();
    Ok(Latency { from_answer, from_request })
}
