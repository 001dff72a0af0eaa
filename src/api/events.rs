//! The feed: what webhooks are sent for, to be fetched by who cannot be called.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::Json as Jsonb;

use super::{Query, page_limit, wait_limit};
use crate::app::App;
use crate::auth::{ApiKey, scope};
use crate::error::Result;
use crate::json::Json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The `next` of the answer before; 0 is the beginning.
    #[serde(default)]
    after: i64,
    limit: Option<i32>,
    wait: Option<u64>,
}

#[derive(Serialize)]
pub struct Page {
    events: Vec<Box<RawValue>>,
    next: i64,
}

/// With `wait` the answer comes when there is something, or when the time is up.
pub async fn read(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    Query(place): Query<Place>,
) -> Result<Json<Page>> {
    let limit = page_limit(place.limit)?;
    let deadline = Instant::now() + Duration::from_secs(wait_limit(place.wait)?);
    let mut held = None;
    loop {
        // Listened to before it is read: what happens between the two is heard.
        let told = app.wake.told.notified();
        let page = page(&app, &key, place.after, limit).await?;
        if !page.events.is_empty() || app.wake.is_closing() || Instant::now() >= deadline {
            return Ok(Json(page));
        }
        if held.is_none() {
            held = Some(app.wake.place()?);
        }
        // When the time is up there is one more look.
        let _ = timeout_at(deadline, told).await;
    }
}

async fn page(app: &App, key: &ApiKey<scope::Read>, after: i64, limit: i32) -> Result<Page> {
    let rows = app
        .db
        .rows(
            "select number, event_object, newest from inbox_internal.read_events($1, $2, $3)",
            &[&key.actor, &after, &limit],
        )
        .await?;
    let events: Vec<Box<RawValue>> = rows
        .iter()
        .filter_map(|row| row.get::<_, Option<Jsonb<Box<RawValue>>>>(1))
        .map(|event| event.0)
        .collect();
    // What a limited key does not see is not looked through again the next time.
    let column = if events.len() < limit as usize { 2 } else { 0 };
    let next = rows.last().map_or(after, |row| row.get::<_, i64>(column)).max(after);
    Ok(Page { events, next })
}
