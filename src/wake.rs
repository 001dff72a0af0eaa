//! Hints that there is something to look at: from this server's own requests at
//! once, from other replicas and from psql by NOTIFY. A hint may be lost or come
//! twice; whoever gets one reads the database, and looks now and then anyway.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::oneshot;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use uuid::Uuid;

use crate::db::Db;
use crate::error::Problem;

/// Longer waits are left to the worker's next beat.
const BEAT: Duration = Duration::from_secs(6);

/// A due time in the past is now; one that is no time at all is left to the beat.
pub fn seconds_from_now(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

/// Has the worker look again when a delivery is due.
pub fn wake_in(wake: &Arc<Wake>, pause: Duration) {
    if pause > BEAT {
        return;
    }
    let wake = wake.clone();
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        wake.deliveries.notify_one();
    });
}

/// By their task, and the version of it they know when they wait for another.
type Waiters = HashMap<(Uuid, Option<i32>), Vec<oneshot::Sender<()>>>;

pub struct Wake {
    /// A delivery may be due.
    pub deliveries: Notify,
    /// A task was posted or changed.
    pub tasks: Notify,
    /// Other replicas are to be told.
    pub outbound: Notify,
    /// A replay is to be carried on.
    pub replays: Notify,
    /// Operators are to be told of something.
    pub notices: Notify,
    /// For those who read the feed: there may be more of it.
    pub told: Notify,
    waiters: Mutex<Waiters>,
    places: Semaphore,
    closing: AtomicBool,
}

impl Wake {
    /// With this many places for requests that wait.
    pub fn with_places(places: usize) -> Wake {
        Wake {
            deliveries: Notify::default(),
            tasks: Notify::default(),
            outbound: Notify::default(),
            replays: Notify::default(),
            notices: Notify::default(),
            told: Notify::default(),
            waiters: Mutex::default(),
            places: Semaphore::new(places),
            closing: AtomicBool::default(),
        }
    }

    /// Held by a request while it waits; a peer that goes gives it back.
    pub fn place(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.places.try_acquire().map_err(|_| {
            let detail = "as many requests as this server takes are waiting; ask without \"wait\"";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "waiters", detail)
        })
    }

    /// After the commit of a post or a decision of this server.
    pub fn after_event(&self, owed: bool) {
        if owed {
            self.deliveries.notify_one();
        }
        self.tasks.notify_one();
        self.outbound.notify_one();
    }

    /// After many were asked to be sent again.
    pub fn after_replay(&self) {
        self.replays.notify_one();
        self.outbound.notify_one();
    }

    /// After a decision that can still be undone: it is told at the end of that.
    pub fn after_hold(self: &Arc<Wake>, pause: Duration) {
        let wake = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            wake.after_event(true);
        });
    }

    /// Ends when this task may be settled, or at another version than one that is
    /// known. To be called before the task is read: what happens between the read
    /// and the wait is heard.
    pub fn changed(&self, id: Uuid, known: Option<i32>) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.waiters().entry((id, known)).or_default().push(sender);
        receiver
    }

    /// The server is about to end: who waits gets what there is.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        self.told.notify_waiters();
        self.waiters().clear();
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Reads for all waiting requests at once which of their waits are over.
    /// No request holds a connection while it waits.
    pub async fn watch_waiters(&self, db: &Db) {
        loop {
            self.tasks.notified().await;
            self.told.notify_waiters();
            let (ids, versions): (Vec<Uuid>, Vec<Option<i32>>) = {
                let mut waiters = self.waiters();
                waiters.retain(|_, senders| {
                    senders.retain(|sender| !sender.is_closed());
                    !senders.is_empty()
                });
                waiters.keys().copied().unzip()
            };
            if ids.is_empty() {
                continue;
            }
            let sql = "select id, version from inbox_internal.settled_among($1, $2)";
            match db.rows(sql, &[&ids, &versions]).await {
                Ok(rows) => {
                    let mut waiters = self.waiters();
                    for row in rows {
                        for sender in waiters.remove(&(row.get(0), row.get(1))).unwrap_or_default()
                        {
                            // A request that has ended meanwhile needs no answer.
                            let _ = sender.send(());
                        }
                    }
                }
                Err(error) => tracing::warn!("looking for settled tasks: {error}"),
            }
        }
    }

    fn waiters(&self) -> std::sync::MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
