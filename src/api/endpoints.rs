//! Where webhooks go: list, pause and enable, ping, change the signing secret.

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Name, Nothing, Query, raw};
use crate::app::App;
use crate::auth::{ApiKey, scope};
use crate::error::{Problem, Result};
use crate::json::{Json, Whole};
use crate::secret::rotate_webhook_secret;
use crate::worker::{self, Ping};

#[derive(Serialize)]
pub struct All {
    endpoints: Vec<Box<RawValue>>,
}

pub async fn list(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    _: Query<Nothing>,
) -> Result<Json<All>> {
    let rows = app
        .db
        .rows("select endpoint_object from inbox_internal.list_endpoints($1)", &[&key.actor])
        .await?;
    Ok(Json(All { endpoints: rows.iter().map(|row| raw(row, 0)).collect() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    state: String,
}

#[derive(Serialize)]
pub struct One {
    endpoint: Box<RawValue>,
}

pub async fn change(
    State(app): State<App>,
    key: ApiKey<scope::Admin>,
    _: Query<Nothing>,
    Name(id): Name,
    body: Result<Json<Change>>,
) -> Result<Json<One>> {
    let (id, Json(change)) = (endpoint_id(&id)?, body?);
    let row = app
        .db
        .row("select inbox_internal.change_endpoint($1, $2, $3)", &[&key.actor, &id, &change.state])
        .await?;
    app.wake.after_event(true);
    Ok(Json(One { endpoint: raw(&row, 0) }))
}

pub async fn ping(
    State(app): State<App>,
    key: ApiKey<scope::Admin>,
    _: Query<Nothing>,
    Name(id): Name,
) -> Result<Json<Ping>> {
    Ok(Json(worker::ping(&app.db, &app.sealer, &app.sender, &key.actor, endpoint_id(&id)?).await?))
}

fn endpoint_id(text: &str) -> Result<i32> {
    text.parse().map_err(|_| {
        let detail = format!("there is no endpoint \"{text}\"");
        Problem::new(StatusCode::NOT_FOUND, "endpoint_exists", detail).into()
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    #[serde(default = "a_day")]
    grace_seconds: Whole<i32>,
}

fn a_day() -> Whole<i32> {
    Whole(86_400)
}

#[derive(Serialize)]
pub struct Rotated {
    schema: String,
    signing_secret: String,
    /// The old secret signs as well until then; null: it is gone.
    old_secret_until: Option<Timestamp>,
}

pub async fn rotate(
    State(app): State<App>,
    key: ApiKey<scope::Admin>,
    _: Query<Nothing>,
    Name(schema): Name,
    body: Result<Json<Rotation>>,
) -> Result<Json<Rotated>> {
    let Json(Rotation { grace_seconds: Whole(grace_seconds) }) = body?;
    let rotated =
        rotate_webhook_secret(&app.db, &app.sealer, &key.actor, &schema, grace_seconds, None)
            .await?;
    Ok(Json(Rotated {
        schema,
        signing_secret: rotated.signing,
        old_secret_until: rotated.old_until,
    }))
}
