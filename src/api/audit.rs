//! The audit log as JSON lines, for who keeps logs.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Query, page_limit, raw};
use crate::app::App;
use crate::auth::{ApiKey, scope};
use crate::error::Result;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The `seq` of the last line that was read; 0 is the beginning.
    #[serde(default)]
    after: i64,
    limit: Option<i32>,
}

pub async fn read(
    State(app): State<App>,
    key: ApiKey<scope::Admin>,
    Query(place): Query<Place>,
) -> Result<Response> {
    let limit = page_limit(place.limit)?;
    let sql = "select audit_object from inbox_internal.read_audit($1, $2, $3)";
    let rows = app.db.rows(sql, &[&key.actor, &place.after, &limit]).await?;
    let lines: Vec<Box<RawValue>> = rows.iter().map(|row| raw(row, 0)).collect();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response())
}
