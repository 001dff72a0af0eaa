//! A webhook by hand: whether a receiver is there and takes our signature.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Row;

use super::webhook::{Sender, Sent, Webhook};
use crate::db::Db;
use crate::error::{Problem, Result};
use crate::seal::Sealer;

#[derive(Serialize)]
pub struct Ping {
    pub accepted: bool,
    /// None: there was no answer.
    pub status: Option<u16>,
    pub milliseconds: i64,
    pub error: Option<String>,
    /// The first 4 KiB of the answer.
    pub response: Option<String>,
}

/// Sent at once by this process, whatever the breaker says; not repeated.
pub async fn ping(
    db: &Db,
    sealer: &Sealer,
    sender: &Result<Arc<Sender>, String>,
    actor: &Value,
    endpoint_id: i32,
) -> Result<Ping> {
    let sql = "select * from inbox_internal.ping_endpoint($1, $2)";
    let row = db.row(sql, &[actor, &endpoint_id]).await?;
    send(&row, sealer, sender).await
}

/// As [`ping`], with an example of what a receiver of this schema gets; `ttype`
/// None: of its first type.
pub async fn try_hook(
    db: &Db,
    sealer: &Sealer,
    sender: &Result<Arc<Sender>, String>,
    actor: &Value,
    schema: &str,
    ttype: Option<&str>,
) -> Result<Ping> {
    let sql = "select * from inbox_internal.try_hook($1, $2, $3)";
    let row = db.row(sql, &[actor, &schema, &ttype]).await?;
    send(&row, sealer, sender).await
}

async fn send(row: &Row, sealer: &Sealer, sender: &Result<Arc<Sender>, String>) -> Result<Ping> {
    let sender = sender.as_ref().map_err(|fault| in_the_way(fault))?;
    let webhook = Webhook::of(row, |id, sealed| sealer.open(id, sealed))
        .map_err(|error| in_the_way(&error.to_string()))?;
    Ok(match sender.send(&webhook).await {
        Sent::Attempt(attempt) => Ping {
            accepted: attempt.error_class.is_none(),
            status: attempt.status,
            milliseconds: attempt.milliseconds,
            error: attempt.error,
            response: attempt.response,
        },
        Sent::Refused(reason) => return Err(in_the_way(&reason).into()),
    })
}

fn in_the_way(why: &str) -> Problem {
    Problem::new(http::StatusCode::CONFLICT, "endpoint_sendable", why)
}
