//! Carries replays on, some hundred deliveries at a time, while there are any.

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::app::App;
use crate::db::Db;
use crate::wake::seconds_from_now;

pub async fn run(app: &App, db: &Db, stop: &CancellationToken) {
    loop {
        tokio::select! {
            () = app.wake.replays.notified() => {}
            () = stop.cancelled() => return,
        }
        while !stop.is_cancelled() {
            let pause = match db.row("select inbox_internal.advance_replays()", &[]).await {
                Ok(row) => row.get::<_, Option<f64>>(0),
                Err(error) => {
                    // Somebody's lock; the next beat says that there is more to do.
                    warn!("sending deliveries again: {error}");
                    None
                }
            };
            app.wake.deliveries.notify_one();
            let Some(pause) = pause else { break };
            tokio::select! {
                () = sleep(seconds_from_now(pause)) => {}
                () = stop.cancelled() => return,
            }
        }
    }
}
