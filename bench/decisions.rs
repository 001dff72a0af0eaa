//! Tasks to decide, and the decisions.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::inbox::{Inbox, META, SCHEMA};
use crate::receiver::Receiver;
use crate::wire::Wire;

const DECISION: &str = r#"{"state":"allow"}"#;

pub struct Tasks {
    /// The external id of the first; the others count on.
    pub first: usize,
    pub ids: Vec<Uuid>,
}

/// Posted in SQL, for this receiver.
pub async fn post(inbox: &Inbox, receiver: &Receiver, count: usize) -> Result<Tasks> {
    let first = inbox.numbers(count);
    let mut ids = Vec::new();
    let numbers: Vec<i32> = (first..first + count).map(|number| number as i32).collect();
    for some in numbers.chunks(10_000) {
        let rows = inbox
            .db
            .rows(
                "select posted.id from unnest($1::int[]) number
                 cross join lateral inbox.post_task(
                   $2, $3, meta => $4::text::jsonb, external_id => number::text) posted",
                &[&some, &SCHEMA, &receiver.ttype, &META],
            )
            .await?;
        ids.extend(rows.iter().map(|row| row.get::<_, Uuid>(0)));
    }
    Ok(Tasks { first, ids })
}

/// Decided in SQL, some at a time.
pub async fn decide_all(inbox: &Inbox, tasks: &Tasks) -> Result<()> {
    // Every decision locks its chain, and a transaction has room for some thousand locks.
    for some in tasks.ids.chunks(500) {
        let sql = "select decided.id from unnest($1::uuid[]) id
                   cross join lateral inbox.set_task_state(id, 'allow') decided";
        inbox.db.run(sql, &[&some]).await?;
    }
    Ok(())
}

/// When a decision was asked for and when it was answered.
#[derive(Clone, Copy)]
pub struct Decided {
    pub asked: Instant,
    pub answered: Instant,
}

pub async fn decide(inbox: &Inbox, wire: &mut Wire, id: Uuid) -> Result<Decided> {
    let request = inbox.request("PATCH", &format!("/tasks/{id}/state"), DECISION);
    let asked = Instant::now();
    let status = wire.status_of(&request).await?;
    ensure!(status == 200, "a decision was answered with {status}");
    Ok(Decided { asked, answered: Instant::now() })
}

/// Each at its moment, whether or not those before were answered.
pub async fn decide_evenly(
    inbox: &Inbox,
    tasks: &Tasks,
    per_second: usize,
) -> Result<Vec<Decided>> {
    let idle = Mutex::new(Vec::new());
    let began = Instant::now() + Duration::from_millis(100);
    let decision = async |number: usize, id: Uuid| -> Result<Decided> {
        sleep_until(began + Duration::from_secs(1) * number as u32 / per_second as u32).await;
        let kept = idle.lock().await.pop();
        let mut wire = match kept {
            Some(wire) => wire,
            None => Wire::connect(inbox.address).await?,
        };
        let decided = decide(inbox, &mut wire, id).await?;
        idle.lock().await.push(wire);
        Ok(decided)
    };
    try_join_all(tasks.ids.iter().enumerate().map(|(number, id)| decision(number, *id))).await
}
