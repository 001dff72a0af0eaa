//! What is done to a task: each verb is one SQL function, and all answer `{task}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{Json as Jsonb, ToSql};

use super::asked::{Asked, etag, expected_version, idempotency_key};
use super::{Name, Nothing, Query, TaskId, raw};
use crate::app::App;
use crate::auth::{PresentedKey, scope, unknown_key};
use crate::error::Result;
use crate::json::{Json, Maybe};

#[derive(Serialize)]
struct Changed {
    task: Box<RawValue>,
}

async fn act(app: &App, call: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Response> {
    let sql = format!("select owed, task_object, (task_object ->> 'version')::int from {call}");
    Ok(answer(app, &app.db.row(&sql, params).await?))
}

fn answer(app: &App, row: &Row) -> Response {
    app.wake.after_event(row.get(0));
    (etag(row.get(2)), Json(Changed { task: raw(row, 1) })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewState {
    state: String,
    args: Option<Box<RawValue>>,
    comment: Option<String>,
}

pub async fn set_state(
    State(app): State<App>,
    key: PresentedKey<scope::Resolve>,
    id: Result<TaskId>,
    query: Result<Query<Nothing>>,
    headers: HeaderMap,
    body: Result<Json<NewState>>,
) -> Result<Response> {
    let given = id.and_then(|TaskId(id)| {
        query?;
        Ok((id, body?.0, expected_version(&headers)?, idempotency_key(&headers)?))
    });
    let (id, new, expected_version, idempotency_key) = key.first(&app, given).await?;
    let row = app
        .db
        .maybe_row(
            "select owed, task_object, (task_object ->> 'version')::int
             from inbox_internal.authenticate_key($7) key
             cross join lateral inbox.set_task_state($1, $2, $3, $4, $5, $6, key.actor, 'api')",
            &[
                &id,
                &new.state,
                &new.args.as_deref().map(Jsonb),
                &new.comment,
                &expected_version,
                &idempotency_key,
                &key.hash,
            ],
        )
        .await?;
    Ok(answer(&app, &row.ok_or_else(unknown_key)?))
}

/// Only who decided on a page, or an admin's key, while nobody was told.
pub async fn undo(State(app): State<App>, asked: Asked<scope::Undo>) -> Result<Response> {
    let call = "inbox.undo_task($1, $2, $3, $4, 'api')";
    let Asked { id, actor, idempotency_key, expected_version, .. } = &asked;
    act(&app, call, &[id, expected_version, idempotency_key, actor]).await
}

/// What is absent stays, what is null is cleared; SQL reads the values.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    meta: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    tags: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    urgency: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    respond_by: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    start_at: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    attachments: Option<Box<RawValue>>,
}

fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(from).map(Some)
}

pub async fn change(
    State(app): State<App>,
    asked: Asked<scope::Change>,
    Json(change): Json<Change>,
) -> Result<Response> {
    let call = "inbox.change_task($1, $2, $3, $4, $5, 'api')";
    let Asked { id, actor, idempotency_key, expected_version, .. } = &asked;
    act(&app, call, &[id, &Jsonb(&change), expected_version, idempotency_key, actor]).await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    reason: Option<String>,
}

pub async fn withdraw(
    State(app): State<App>,
    asked: Asked<scope::Withdraw>,
    Maybe(given): Maybe<Reason>,
) -> Result<Response> {
    let call = "inbox.withdraw_task($1, $2, $3, $4, $5, 'api')";
    let Asked { id, actor, idempotency_key, expected_version, .. } = &asked;
    act(&app, call, &[id, &given.reason, expected_version, idempotency_key, actor]).await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    comment: Option<String>,
}

pub async fn reopen(
    State(app): State<App>,
    asked: Asked<scope::Reopen>,
    Maybe(given): Maybe<Remark>,
) -> Result<Response> {
    let call = "inbox.reopen_task($1, $2, $3, $4, $5, 'api')";
    let Asked { id, actor, idempotency_key, expected_version, .. } = &asked;
    act(&app, call, &[id, &given.comment, expected_version, idempotency_key, actor]).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    body: String,
    #[serde(default)]
    internal: bool,
}

pub async fn comment(
    State(app): State<App>,
    asked: Asked<scope::Comment>,
    Json(new): Json<NewComment>,
) -> Result<Response> {
    let call = "inbox.add_comment($1, $2, $3, $4, $5, 'api')";
    let Asked { id, actor, idempotency_key, .. } = &asked;
    act(&app, call, &[id, &new.body, &new.internal, idempotency_key, actor]).await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewClaim {
    #[serde(default)]
    take: bool,
}

pub async fn claim(
    State(app): State<App>,
    asked: Asked<scope::Claim>,
    Maybe(given): Maybe<NewClaim>,
) -> Result<Response> {
    let call = "inbox.claim_task($1, $2, $3, $4, 'api')";
    let Asked { id, actor, idempotency_key, .. } = &asked;
    act(&app, call, &[id, &given.take, idempotency_key, actor]).await
}

pub async fn release(State(app): State<App>, asked: Asked<scope::Release>) -> Result<Response> {
    let Asked { id, actor, idempotency_key, .. } = &asked;
    act(&app, "inbox.release_task($1, $2, $3, 'api')", &[id, idempotency_key, actor]).await
}

/// `null` is a value here: it must be said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAssignee {
    #[serde(deserialize_with = "said")]
    to: Option<String>,
}

pub async fn assign(
    State(app): State<App>,
    asked: Asked<scope::Assign>,
    Json(new): Json<NewAssignee>,
) -> Result<Response> {
    let Asked { id, actor, idempotency_key, .. } = &asked;
    act(&app, "inbox.assign_task($1, $2, $3, $4, 'api')", &[id, &new.to, idempotency_key, actor])
        .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    #[serde(deserialize_with = "said")]
    until: Option<Timestamp>,
}

pub async fn snooze(
    State(app): State<App>,
    asked: Asked<scope::Snooze>,
    Json(new): Json<Snooze>,
) -> Result<Response> {
    let Asked { id, actor, idempotency_key, .. } = &asked;
    act(&app, "inbox.snooze_task($1, $2, $3, $4, 'api')", &[id, &new.until, idempotency_key, actor])
        .await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    done: Option<bool>,
}

pub async fn tick(
    State(app): State<App>,
    asked: Asked<scope::Tick>,
    name: Name,
    Maybe(given): Maybe<Tick>,
) -> Result<Response> {
    let Asked { id, actor, idempotency_key, .. } = &asked;
    let done = given.done.unwrap_or(true);
    act(
        &app,
        "inbox.tick_item($1, $2, $3, $4, $5, 'api')",
        &[id, &name.0, &done, idempotency_key, actor],
    )
    .await
}

/// Required, though it may be null.
fn said<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}
