//! Sends what is owed. PostgreSQL is the queue: this only claims, sends and
//! writes down what came of it.

mod answer;
mod client;
mod deliver;
mod guard;
mod listen;
mod notices;
mod ping;
mod replays;
mod webhook;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use url::Url;

use crate::app::App;
use crate::db::{Db, Target};
use listen::Mode;

pub use answer::retry_after;
pub use client::{Dial, LookingUp, Lookup, TIMEOUTS, Timeouts};
pub use guard::Own;
pub use ping::{Ping, ping, try_hook};
pub use webhook::Sender;

pub struct Workers {
    pub app: App,
    pub target: Target,
    /// None: another replica delivers, or nobody can; this one still hears and tells.
    pub delivering: Option<Delivering>,
}

pub struct Delivering {
    /// Deliveries under way at once.
    pub slots: usize,
    /// Seconds before each retry.
    pub schedule: Vec<f64>,
    /// Where operators are told what they must hear of.
    pub notice_url: Option<Url>,
}

impl Workers {
    /// Runs until `stop`, then finishes what is under way.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let db = Db::working(&self.target)?;
        let delivering = self.delivering.zip(self.app.sender.as_ref().as_ref().ok().cloned());
        let mode = match delivering {
            Some(_) => Mode::Deliver,
            None => Mode::ListenOnly,
        };
        let listener = Arc::new(listen::Listener::new(self.app.clone(), self.target.clone(), mode));

        let watching = async {
            tokio::select! {
                () = self.app.wake.watch_waiters(&self.app.db) => {}
                () = stop.cancelled() => self.app.wake.close(),
            }
        };
        let delivering = async {
            match delivering {
                Some((delivering, sender)) => {
                    let notice_url = delivering.notice_url.clone();
                    tokio::join!(
                        deliver::run(&self.app, &db, &listener, sender.clone(), delivering, &stop),
                        replays::run(&self.app, &db, &stop),
                        notices::run(&self.app, &db, &sender, notice_url.as_ref(), &stop),
                    );
                }
                None => stop.cancelled().await,
            }
            // The lock on the worker's number lives as long as the listener: it
            // goes last, so that nobody takes what is still being finished.
            listener.stop();
        };
        tokio::join!(watching, delivering, listener.run());
        db.close();
        Ok(())
    }
}
