//! Sends what is owed. PostgreSQL is the queue: this only claims, sends and
//! writes down what came of it.

mod deliver;
mod listen;
mod replays;
mod webhook;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::db::{Db, Target};

pub use listen::Mode;

pub struct Workers {
    pub app: App,
    pub target: Target,
    /// Deliveries under way at once.
    pub slots: usize,
    pub retry_schedule: Vec<f64>,
    pub mode: Mode,
}

impl Workers {
    /// Runs until `stop`, then finishes what is under way.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let db = Db::working(&self.target)?;
        let listener =
            Arc::new(listen::Listener::new(self.app.clone(), self.target.clone(), self.mode));

        let watching = async {
            tokio::select! {
                () = self.app.wake.watch_waiters(&self.app.db) => {}
                () = stop.cancelled() => self.app.wake.close(),
            }
        };
        let delivering = async {
            match self.mode {
                Mode::Deliver => {
                    deliver::run(&self.app, &db, &listener, self.slots, self.retry_schedule, &stop)
                        .await;
                }
                Mode::ListenOnly => stop.cancelled().await,
            }
            // The lock on the worker's number lives as long as the listener: it
            // goes last, so that nobody takes what is still being finished.
            listener.stop();
        };
        let replaying = async {
            match self.mode {
                Mode::Deliver => replays::run(&self.app, &db, &stop).await,
                Mode::ListenOnly => {}
            }
        };
        tokio::join!(watching, delivering, replaying, listener.run());
        db.close();
        Ok(())
    }
}
