//! Waits until a task is settled: hears of changes as servers do, and looks now and
//! then anyway.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;
use uuid::Uuid;

use super::console::Opened;
use crate::db::session::{BEAT, drive, in_time};
use crate::db::{Target, connect};

/// Ends as well when the time is up: the caller looks what there is. None: no end.
pub async fn until_settled(opened: &Opened, id: Uuid, time: Option<Duration>) {
    // Many may wait for days: a connection each is enough.
    opened.db.rest();
    let waiting = async {
        // The database may be started anew while somebody thinks.
        while let Err(error) = hear(&opened.target, id).await {
            warn!("waiting for the answer: {error:#}");
            sleep(BEAT).await;
        }
    };
    match time {
        None => waiting.await,
        Some(time) => drop(timeout(time, waiting).await),
    }
}

/// Listen first, then look: what happens between the two is heard.
async fn hear(target: &Target, id: Uuid) -> Result<()> {
    let (client, connection) = connect(target).await.context("connecting")?;
    let (mut hints, driver) = drive(connection);
    let _driver = AbortOnDropHandle::new(driver);
    let sql = "select from inbox_internal.settled_among(array[$1::uuid], array[null::int])";
    let settled = in_time(async {
        client.batch_execute("listen task_inbox_tasks").await?;
        Ok(client.prepare(sql).await?)
    })
    .await?;
    loop {
        if in_time(async { Ok(client.query_opt(&settled, &[&id]).await?) }).await?.is_some() {
            return Ok(());
        }
        tokio::select! {
            hint = hints.recv() => if hint.is_none() { bail!("the connection was lost") },
            () = sleep(BEAT) => {}
        }
        // Of many, one look is enough.
        while hints.try_recv().is_ok() {}
    }
}
