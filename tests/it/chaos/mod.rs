//! Real faults against real processes: servers that are killed, a PostgreSQL that
//! goes away, receivers that misbehave. A case is named for the fault's number and
//! ends with a ledger: what was acknowledged has arrived or is still owed.

pub mod inbox;
mod ledger;
mod load;
mod postgresql;
pub mod program;
mod proxy;
mod receiver;
mod wire;

mod backlog;
mod database;
mod kill9;
mod leaks;
mod listening;
mod powers;
mod races;
mod replicas;
mod soak;

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// How much of something: `short` in `make test`, in `make chaos` as many times
/// `full` as `CHAOS_SCALE` says, 1 being the whole of it.
fn length(short: u32, full: u32) -> u32 {
    let scale: f64 = std::env::var_os("CHAOS_SCALE")
        .map_or(0.0, |text| text.to_str().and_then(|text| text.parse().ok()).unwrap());
    short.max((f64::from(full) * scale) as u32)
}

/// The same in seconds.
fn seconds(short: u32, full: u32) -> Duration {
    Duration::from_secs(length(short, full).into())
}

/// Then what takes the clock's time is given it.
fn is_long() -> bool {
    length(0, 100) > 0
}

/// Waits for a named condition that other processes bring about, with no hint when.
async fn until(what: &str, limit: Duration, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(limit, waiting).await.unwrap_or_else(|_| panic!("waited {limit:?} for {what}"));
}

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
