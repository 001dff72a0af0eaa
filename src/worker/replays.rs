//! Carries replays on, some hundred deliveries at a time, while there are any.

use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::app::App;
use crate::db::Db;

pub async fn run(app: &App, db: &Db, stop: &CancellationToken) {
    loop {
        tokio::select! {
            () = app.wake.replays.notified() => {}
            () = stop.cancelled() => return,
        }
        while !stop.is_cancelled() {
            let more = db.row("select inbox_internal.advance_replays()", &[]).await;
            app.wake.deliveries.notify_one();
            match more {
                Ok(row) if row.get(0) => {}
                Ok(_) => break,
                Err(error) => {
                    // Somebody's lock; the next beat says that there is more to do.
                    warn!("sending deliveries again: {error}");
                    break;
                }
            }
        }
    }
}
