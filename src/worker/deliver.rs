//! Claim what is due, send it, write down what came of it in batches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;
use tokio_postgres::Row;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use super::Delivering;
use super::answer::Attempt;
use super::listen::Listener;
use super::webhook::{Sender, Sent, Webhook};
use crate::app::App;
use crate::db::Db;
use crate::error::Result;
use crate::seal::UNKNOWN_KEY;
use crate::wake::{seconds_from_now, wake_in};

/// More than one statement should carry.
const BATCH: usize = 64;
/// After a claim that failed, before the next.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Runs until `stop`, then waits for what is under way and writes it down.
pub async fn run(
    app: &App,
    db: &Db,
    listener: &Listener,
    sender: Arc<Sender>,
    delivering: Delivering,
    stop: &CancellationToken,
) {
    let Delivering { slots, schedule, .. } = delivering;
    let (results, received) = unbounded_channel();
    let claimer = Claimer {
        app: app.clone(),
        db: db.clone(),
        sender,
        secrets: Mutex::default(),
        slots: Arc::new(Semaphore::new(slots)),
    };
    // The results end when the claimer and all its attempts have.
    tokio::join!(claimer.run(listener, results, stop), finish(app, db, received, &schedule));
}

struct Claimer {
    app: App,
    db: Db,
    sender: Arc<Sender>,
    /// Opened once; a secret's row never changes.
    secrets: Mutex<HashMap<Uuid, String>>,
    slots: Arc<Semaphore>,
}

impl Claimer {
    async fn run(
        &self,
        listener: &Listener,
        results: UnboundedSender<Attempt>,
        stop: &CancellationToken,
    ) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            tokio::select! {
                () = self.app.wake.deliveries.notified() => {}
                () = stop.cancelled() => return,
            }
            // Before the listener has a number there is nothing to claim with;
            // its first beat wakes us again.
            let Some(worker_id) = listener.worker_id() else { continue };
            match self.claim(worker_id, &results).await {
                Ok(()) => pause = SHORTEST_PAUSE,
                Err(error) => {
                    warn!("claiming deliveries: {error}");
                    // No hint cuts this short: with the database away, each result
                    // that cannot be written down gives one.
                    if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                        return;
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    self.app.wake.deliveries.notify_one();
                }
            }
        }
    }

    /// Claims no more than can begin at once, so that no lease runs while its
    /// delivery waits in a queue of ours.
    async fn claim(&self, worker_id: i32, results: &UnboundedSender<Attempt>) -> Result<()> {
        loop {
            let free = self.slots.available_permits().min(BATCH);
            if free == 0 {
                // Woken again by whoever finishes.
                return Ok(());
            }
            let rows = self
                .db
                .rows(
                    "select * from inbox_internal.claim_deliveries($1, $2, $3)",
                    &[&worker_id, &(free as i32), &self.app.sealer.key_ids()],
                )
                .await?;
            for row in &rows {
                match Webhook::of(row, |id, sealed| self.open(id, sealed)) {
                    Ok(webhook) => self.start(webhook, results.clone()).await?,
                    // Sealed by a key of another's since it was claimed.
                    Err(error) if error.to_string() == UNKNOWN_KEY => {
                        let release = "select inbox_internal.release_deliveries($1, $2)";
                        let (id, claim_no): (i64, i32) = (row.get("id"), row.get("claim_no"));
                        self.db.run(release, &[&vec![id], &vec![claim_no]]).await?;
                    }
                    Err(error) => {
                        let claim = (row.get("id"), row.get("claim_no"));
                        block(&self.db, row.get("endpoint_id"), claim, &error.to_string()).await;
                    }
                }
            }
            if rows.len() < free {
                return Ok(());
            }
        }
    }

    async fn start(&self, webhook: Webhook, results: UnboundedSender<Attempt>) -> Result<()> {
        let slot = self.slots.clone().acquire_owned().await.context("taking a slot")?;
        let (sender, app, db) = (self.sender.clone(), self.app.clone(), self.db.clone());
        tokio::spawn(async move {
            let sent = sender.send(&webhook).await;
            drop(slot);
            match sent {
                // Fails only when the process is at its end; then the lease runs out.
                Sent::Attempt(attempt) => drop(results.send(attempt)),
                Sent::Refused(reason) => {
                    let claim = (webhook.delivery_id, webhook.claim_no);
                    block(&db, webhook.endpoint_id, claim, &reason).await;
                    // A slot is free.
                    app.wake.deliveries.notify_one();
                    // Only now, so that the end waits for what was written here.
                    drop(results);
                }
            }
        });
        Ok(())
    }

    fn open(&self, id: Uuid, sealed: &[u8]) -> anyhow::Result<String> {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secret) = secrets.get(&id) {
            return Ok(secret.clone());
        }
        let secret = self.app.sealer.open(id, sealed)?;
        secrets.insert(id, secret.clone());
        Ok(secret)
    }
}

/// A fault of ours: nothing is sent, nothing is counted, the page says why.
async fn block(db: &Db, endpoint_id: i32, (id, claim_no): (i64, i32), reason: &str) {
    warn!(endpoint.id = endpoint_id, "webhooks of endpoint {endpoint_id} wait: {reason}");
    let blocked = db
        .run(
            "select inbox_internal.block_endpoint($1, $2), inbox_internal.release_deliveries($3, $4)",
            &[&endpoint_id, &reason, &vec![id], &vec![claim_no]],
        )
        .await;
    if let Err(error) = blocked {
        // The other rows of this claim must still begin; this one's lease runs out.
        warn!("noting why endpoint {endpoint_id} waits: {error}");
    }
}

/// Writes results down as many at a time as have gathered while the last ones
/// were written: alone when it is quiet, 64 at once under load.
async fn finish(app: &App, db: &Db, mut received: UnboundedReceiver<Attempt>, schedule: &[f64]) {
    let mut batch: Vec<Attempt> = Vec::new();
    loop {
        if batch.is_empty() && received.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        match write(app, db, &batch, schedule).await {
            Ok(done) => batch.retain(|attempt| !done.contains(&attempt.claim())),
            Err(error) => warn!("writing down {} results: {error}", batch.len()),
        }
        // A chain may go on, a slot is free.
        app.wake.deliveries.notify_one();

        if !batch.is_empty() {
            // Somebody's transaction holds the row, or the database is away. Once
            // the lease has run out others have sent it again: no use to insist.
            batch.retain(|attempt| attempt.is_fresh());
            sleep(Duration::from_millis(200)).await;
            while batch.len() < BATCH
                && received.try_recv().map(|attempt| batch.push(attempt)).is_ok()
            {}
        }
    }
}

/// Gives the claims that need no further try.
async fn write(app: &App, db: &Db, batch: &[Attempt], schedule: &[f64]) -> Result<Vec<(i64, i32)>> {
    let mut done = Vec::new();
    let (arrived, failed): (Vec<&Attempt>, Vec<&Attempt>) =
        batch.iter().partition(|attempt| attempt.error_class.is_none());

    if !arrived.is_empty() {
        let results = json(&arrived)?;
        let rows = db
            .rows(
                "select id, claim_no, settled from inbox_internal.complete_deliveries($1)",
                &[&results],
            )
            .await?;
        done.extend(rows.iter().map(note_stale));
    }
    if !failed.is_empty() {
        let results = json(&failed)?;
        let rows = db
            .rows(
                "select id, claim_no, settled, due_in from inbox_internal.fail_deliveries($1, $2)",
                &[&results, &schedule],
            )
            .await?;
        for row in &rows {
            done.push(note_stale(row));
            if let Some(seconds) = row.get::<_, Option<f64>>("due_in") {
                wake_in(&app.wake, seconds_from_now(seconds));
            }
        }
        for attempt in &failed {
            info!(
                delivery.id = attempt.id,
                "delivery {} did not arrive: {}",
                attempt.id,
                attempt.why()
            );
        }
    }
    Ok(done)
}

fn json(attempts: &[&Attempt]) -> Result<Value> {
    Ok(serde_json::to_value(attempts).context("writing results as JSON")?)
}

fn note_stale(row: &Row) -> (i64, i32) {
    let id: i64 = row.get("id");
    if !row.get::<_, bool>("settled") {
        info!(delivery.id = id, "delivery {id} was claimed anew meanwhile; this result is dropped");
    }
    (id, row.get("claim_no"))
}
