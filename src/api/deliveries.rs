//! Webhooks that were sent or are owed: list, read, send again.

use axum::extract::State;
use axum::response::IntoResponse;
use http::{StatusCode, Uri};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Name, Nothing, Query, next_page, page_limit, raw};
use crate::app::App;
use crate::auth::{ApiKey, scope};
use crate::error::{Problem, Result};
use crate::json::{Json, Whole};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    state: Option<String>,
    schema: Option<String>,
    endpoint: Option<i32>,
    task: Option<Uuid>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    limit: Option<i32>,
    cursor: Option<String>,
}

#[derive(Serialize)]
pub struct Page {
    deliveries: Vec<Box<RawValue>>,
    next: Option<String>,
}

/// The cursor is the id of a page's last delivery, good with any filter.
pub async fn list(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    Query(filter): Query<Filter>,
    uri: Uri,
) -> Result<impl IntoResponse> {
    let limit = page_limit(filter.limit)?;
    let before = filter.cursor.as_deref().map(cursor).transpose()?;
    let rows = app
        .db
        .rows(
            "select id, delivery_object
             from inbox_internal.list_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &key.actor,
                &filter.state,
                &filter.schema,
                &filter.endpoint,
                &filter.task,
                &filter.since,
                &filter.until,
                &before,
                // One more than asked for tells whether there is a next page.
                &(limit + 1),
            ],
        )
        .await?;

    let page = &rows[..rows.len().min(limit as usize)];
    let next = page.last().filter(|_| rows.len() > page.len());
    let next = next.map(|row| row.get::<_, i64>(0).to_string());
    let link = next_page(&uri, next.as_deref());
    Ok((link, Json(Page { deliveries: page.iter().map(|row| raw(row, 1)).collect(), next })))
}

fn cursor(text: &str) -> Result<i64> {
    text.parse().map_err(|_| {
        let detail = "\"cursor\" must be the \"next\" of a page";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "cursor_form", detail).into()
    })
}

fn delivery_id(text: &str) -> Result<i64> {
    text.parse().map_err(|_| {
        let detail = format!("there is no delivery \"{text}\"");
        Problem::new(StatusCode::NOT_FOUND, "delivery_exists", detail).into()
    })
}

#[derive(Serialize)]
pub struct One {
    delivery: Box<RawValue>,
}

pub async fn show(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    _: Query<Nothing>,
    Name(id): Name,
) -> Result<Json<One>> {
    let id = delivery_id(&id)?;
    let row = app.db.row("select inbox_internal.get_delivery($1, $2)", &[&key.actor, &id]).await?;
    Ok(Json(One { delivery: raw(&row, 0) }))
}

pub async fn retry(
    State(app): State<App>,
    key: ApiKey<scope::Resend>,
    _: Query<Nothing>,
    Name(id): Name,
) -> Result<Json<One>> {
    let id = delivery_id(&id)?;
    let row =
        app.db.row("select inbox_internal.retry_delivery($1, $2)", &[&key.actor, &id]).await?;
    app.wake.after_event(true);
    Ok(Json(One { delivery: raw(&row, 0) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    #[serde(default = "failed")]
    state: String,
    schema: Option<String>,
    endpoint_id: Option<Whole<i32>>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

fn failed() -> String {
    "failed".to_owned()
}

/// Workers do it in the background, some hundred at a time.
pub async fn replay(
    State(app): State<App>,
    key: ApiKey<scope::Resend>,
    _: Query<Nothing>,
    body: Result<Json<Replay>>,
) -> Result<(StatusCode, Json<Box<RawValue>>)> {
    let Json(replay) = body?;
    let row = app
        .db
        .row(
            "select inbox_internal.replay_deliveries($1, $2, $3, $4, $5, $6)",
            &[
                &key.actor,
                &replay.state,
                &replay.schema,
                &replay.endpoint_id.map(|Whole(id)| id),
                &replay.since,
                &replay.until,
            ],
        )
        .await?;
    app.wake.after_replay();
    Ok((StatusCode::ACCEPTED, Json(raw(&row, 0))))
}
