//! The one connection that hears NOTIFY, sends it for the pool, beats every five
//! seconds and holds the lock that says this worker lives.

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};

use crate::app::App;
use crate::db::session::{BEAT, drive, in_time};
use crate::db::{Target, connect};
use crate::wake::{seconds_from_now, wake_in};

/// The beat waits for nobody's lock: what it could not do now it does next time.
const SESSION: &str = "set timezone = 'UTC'; set lock_timeout = '2s'; set statement_timeout = '4s'; \
    set synchronous_commit = off; listen task_inbox_deliveries; listen task_inbox_tasks";
/// At most 40 NOTIFYs a second, however many posts there are.
const DEBOUNCE: Duration = Duration::from_millis(25);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Deliver,
    /// Another replica delivers; this one still hears and tells.
    ListenOnly,
}

pub struct Listener {
    app: App,
    target: Target,
    mode: Mode,
    worker_id: AtomicI32,
    stop: CancellationToken,
}

impl Listener {
    pub fn new(app: App, target: Target, mode: Mode) -> Listener {
        let stop = CancellationToken::new();
        Listener { app, target, mode, worker_id: AtomicI32::new(0), stop }
    }

    /// Null until the first connection; kept over lost ones.
    pub fn worker_id(&self) -> Option<i32> {
        Some(self.worker_id.load(Ordering::Relaxed)).filter(|id| *id > 0)
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Listens until stopped; a lost connection is made again, quickly at first.
    pub async fn run(&self) {
        let mut pause = Duration::from_millis(100);
        while !self.stop.is_cancelled() {
            let began = Instant::now();
            if let Err(error) = self.session().await {
                warn!("listening to the database: {error:#}");
            }
            if began.elapsed() > BEAT {
                pause = Duration::from_millis(100);
            }
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(BEAT),
                () = self.stop.cancelled() => {}
            }
        }
    }

    async fn session(&self) -> Result<()> {
        let (client, connection) = connect(&self.target).await.context("connecting")?;
        let (mut notifications, driver) = drive(connection);
        // A session that is given up ends, also in the middle of a statement.
        let _driver = AbortOnDropHandle::new(driver);
        let tick = in_time(self.begin(&client)).await?;
        self.hear(&client, &tick, &mut notifications).await
    }

    /// Listen first, then look: what happens between the two is heard.
    async fn begin(&self, client: &Client) -> Result<Statement> {
        client.batch_execute(SESSION).await?;
        let row = client
            .query_one("select inbox_internal.register_worker($1)", &[&self.worker_id()])
            .await?;
        self.worker_id.store(row.get(0), Ordering::Relaxed);
        info!(worker.id = row.get::<_, i32>(0), "listening");
        self.app.wake.tasks.notify_one();

        // Prepared, so that a beat is one round trip and one transaction.
        Ok(client
            .prepare("select due_in, replays, notices, old, late from inbox_internal.tick($1, $2)")
            .await?)
    }

    async fn hear(
        &self,
        client: &Client,
        tick: &Statement,
        notifications: &mut mpsc::UnboundedReceiver<String>,
    ) -> Result<()> {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                heard = notifications.recv() => match heard.as_deref() {
                    Some("task_inbox_deliveries") => self.app.wake.deliveries.notify_one(),
                    Some(_) => self.app.wake.tasks.notify_one(),
                    None => bail!("the connection was lost"),
                },
                _ = beat.tick() => self.beat(client, tick).await?,
                () = self.app.wake.outbound.notified() => {
                    in_time(async { Ok(client.batch_execute("select inbox_internal.notify_all()").await?) }).await?;
                    sleep(DEBOUNCE).await;
                }
                () = self.stop.cancelled() => return Ok(()),
            }
        }
    }

    /// The only query of an idle server, and the proof that the connection
    /// lives: a half-open socket gives no error, only silence.
    async fn beat(&self, client: &Client, tick: &Statement) -> Result<()> {
        let worker_id = self.worker_id();
        let keys = (self.mode == Mode::Deliver).then(|| self.app.sealer.key_ids());
        let answer =
            in_time(async { Ok(client.query_one(tick, &[&worker_id, &keys]).await) }).await?;
        if let Err(error) = &answer
            && lock_in_the_way(error)
        {
            warn!("a beat was cut short: {}", crate::error::chain(error));
            return Ok(());
        }
        let row = answer.context("looking what is due")?;
        if self.mode == Mode::Deliver {
            if let Some(seconds) = row.get::<_, Option<f64>>("due_in") {
                wake_in(&self.app.wake, seconds_from_now(seconds));
            }
            if row.get("replays") {
                self.app.wake.replays.notify_one();
            }
            if row.get("notices") {
                self.app.wake.notices.notify_one();
            }
            if row.get("old") {
                self.forget(client).await?;
            }
        }
        if row.get("late") {
            self.look_at_clock(client).await?;
            // Also other replicas have readers who wait for it.
            self.app.wake.after_event(true);
        }
        // A hint may have been lost: those who wait look again as well.
        self.app.wake.tasks.notify_one();
        Ok(())
    }
}

/// By statements of their own: a disk that is slow, or somebody's lock, must not
/// keep the beat from freeing what dead workers hold.
impl Listener {
    async fn forget(&self, client: &Client) -> Result<()> {
        let forget = client.batch_execute("select inbox_internal.forget_deliveries()");
        apart(forget).await.context("forgetting old deliveries").map(drop)
    }

    /// As often as the next beat can wait for.
    async fn look_at_clock(&self, client: &Client) -> Result<()> {
        for _ in 0..20 {
            let look = client.query_one("select inbox_internal.look_at_clock()", &[]);
            let row = apart(look).await.context("looking at the clock")?;
            if row.is_none_or(|row| row.get::<_, i32>(0) < 100) {
                break;
            }
        }
        Ok(())
    }
}

async fn apart<T>(
    work: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
) -> Result<Option<T>> {
    match in_time(async { Ok(work.await) }).await? {
        Err(error) if lock_in_the_way(&error) => Ok(None),
        done => Ok(Some(done?)),
    }
}

/// Somebody's lock; the connection itself is well.
fn lock_in_the_way(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::QUERY_CANCELED
    })
}
