//! Receivers that answer with a body nobody wants: what it costs to stop reading.

use anyhow::Result;

use crate::decisions::{decide_all, post};
use crate::inbox::Inbox;
use crate::process;
use crate::receiver::Receiver;

pub const DELIVERIES: usize = 20;

pub struct Huge {
    /// By how much the server's memory grew at most; none where it cannot be seen.
    pub grown: Option<usize>,
    /// Of each body, what the receiver could write before the connection was gone.
    pub most_bytes: Option<usize>,
}

pub async fn measure(inbox: &Inbox, huge: &Receiver) -> Result<Huge> {
    inbox.set_endpoints(&[huge], "paused").await?;
    decide_all(inbox, &post(inbox, huge, DELIVERIES).await?).await?;

    let before = process::memory(inbox.pid);
    process::forget_peak(inbox.pid);
    inbox.set_endpoints(&[huge], "enabled").await?;
    let arrivals = huge.received(DELIVERIES).await?;
    let most = process::peak(inbox.pid);

    Ok(Huge {
        grown: most.zip(before).map(|(most, before)| most.saturating_sub(before) as usize),
        most_bytes: arrivals.iter().map(|arrival| arrival.bytes).max(),
    })
}
