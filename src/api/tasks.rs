//! Post, read, wait, list, decide, history.

use std::time::Duration;

use anyhow::Context;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::cursor::Cursor;
use super::{Query, TaskId, page_limit, raw, wait_limit};
use crate::app::App;
use crate::auth::{ApiKey, PresentedKey, scope, unknown_key};
use crate::error::{Problem, Result};
use crate::json::Json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    schema_name: String,
    task: String,
    state: Option<String>,
    meta: Option<Box<RawValue>>,
    external_id: Option<String>,
    urgency: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    context: Option<Box<RawValue>>,
}

pub async fn post_task(
    State(app): State<App>,
    key: PresentedKey<scope::Post>,
    headers: HeaderMap,
    body: Result<Json<NewTask>>,
) -> Result<Response> {
    let given = body.and_then(|Json(new)| Ok((new, idempotency_key(&headers)?)));
    let (new, idempotency_key) = key.first(&app, given).await?;
    let row = app
        .db
        .maybe_row(
            "select posted.id, created, owed, task_object
             from inbox_internal.authenticate_key($10) key
             cross join lateral inbox.post_task($1, $2, $3, $4, $5, $6, $7, $8, $9, key.actor, 'api') posted",
            &[
                &new.schema_name,
                &new.task,
                &new.state,
                &new.meta.as_deref().map(Jsonb),
                &new.external_id,
                &new.urgency,
                &new.tags,
                &new.context.as_deref().map(Jsonb),
                &idempotency_key,
                &key.hash,
            ],
        )
        .await?
        .ok_or_else(unknown_key)?;

    let posted = Json(Posted { id: row.get(0), task: raw(&row, 3), ttype: new.task });
    if !row.get::<_, bool>(1) {
        return Ok(posted.into_response());
    }
    app.wake.after_event(row.get(2));
    let location = [(header::LOCATION, format!("/api/v1/tasks/{}", posted.0.id))];
    Ok((StatusCode::CREATED, location, posted).into_response())
}

#[derive(Serialize)]
struct Posted {
    id: Uuid,
    task: Box<RawValue>,
    ttype: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    wait: Option<u64>,
}

#[derive(Deserialize)]
struct Seen {
    version: i32,
    task: SeenTask,
}

#[derive(Deserialize)]
struct SeenTask {
    resolved: bool,
}

fn etag(version: i32) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}

/// With `?wait=` the answer comes when the task is settled, or when the time is up.
pub async fn get_task(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    TaskId(id): TaskId,
    Query(Wait { wait }): Query<Wait>,
) -> Result<Response> {
    let mut wait = wait_limit(wait)?;
    let deadline = Instant::now() + Duration::from_secs(wait);
    let mut place = None;
    loop {
        let settled = (wait > 0).then(|| app.wake.settled(id));
        let row = app.db.row("select inbox.get_task($1, $2)", &[&id, &key.actor]).await?;
        let found = raw(&row, 0);
        let seen: Seen = serde_json::from_str(found.get()).context("reading what get_task gave")?;
        match settled {
            Some(settled) if !seen.task.resolved && !app.wake.is_closing() => {
                if place.is_none() {
                    place = Some(app.wake.place()?);
                }
                if timeout_at(deadline, settled).await.is_err() {
                    // It may have moved meanwhile: one more look.
                    wait = 0;
                }
            }
            _ => return Ok((etag(seen.version), Json(found)).into_response()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    schema: Option<String>,
    ttype: Option<String>,
    state: Option<String>,
    resolved: Option<bool>,
    external_id: Option<String>,
    tag: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    limit: Option<i32>,
    cursor: Option<String>,
}

impl Filter {
    /// What a cursor is good for: the same filters only.
    fn fingerprint(&self) -> String {
        let Filter {
            schema,
            ttype,
            state,
            resolved,
            external_id,
            tag,
            since,
            until,
            limit: _,
            cursor: _,
        } = self;
        format!(
            "{schema:?} {ttype:?} {state:?} {resolved:?} {external_id:?} {tag:?} {since:?} {until:?}"
        )
    }
}

pub async fn list_tasks(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page>> {
    let limit = page_limit(filter.limit)?;
    let fingerprint = filter.fingerprint();
    let before =
        filter.cursor.as_deref().map(|text| Cursor::read(text, &fingerprint)).transpose()?;
    let rows = app
        .db
        .rows(
            "select id, posted_at, task_object
             from inbox.list_tasks($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            &[
                &filter.schema,
                &filter.ttype,
                &filter.state,
                &filter.resolved,
                &filter.external_id,
                &filter.tag,
                &filter.since,
                &filter.until,
                &before.as_ref().map(|cursor| cursor.at),
                &before.as_ref().map(|cursor| cursor.id),
                // One more than asked for tells whether there is a next page.
                &(limit + 1),
                &key.actor,
            ],
        )
        .await?;

    let page = &rows[..rows.len().min(limit as usize)];
    let next = page.last().filter(|_| rows.len() > page.len());
    let next = next.map(|row| Cursor { at: row.get(1), id: row.get(0) }.write(&fingerprint));
    Ok(Json(Page { tasks: page.iter().map(|row| raw(row, 2)).collect(), next }))
}

#[derive(Serialize)]
pub struct Page {
    tasks: Vec<Box<RawValue>>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewState {
    state: String,
    comment: Option<String>,
}

pub async fn set_state(
    State(app): State<App>,
    key: PresentedKey<scope::Resolve>,
    id: Result<TaskId>,
    headers: HeaderMap,
    body: Result<Json<NewState>>,
) -> Result<Response> {
    let given = id.and_then(|TaskId(id)| Ok((id, body?.0, expected_version(&headers)?)));
    let (id, new, expected_version) = key.first(&app, given).await?;
    let row = app
        .db
        .maybe_row(
            "select owed, task_object, (task_object ->> 'version')::int
             from inbox_internal.authenticate_key($5) key
             cross join lateral inbox.set_task_state($1, $2, $3, $4, key.actor, 'api')",
            &[&id, &new.state, &new.comment, &expected_version, &key.hash],
        )
        .await?
        .ok_or_else(unknown_key)?;

    app.wake.after_event(row.get(0));
    Ok((etag(row.get(2)), Json(Changed { task: raw(&row, 1) })).into_response())
}

#[derive(Serialize)]
pub struct Changed {
    task: Box<RawValue>,
}

/// Only who decided on a page, or an admin's key, while nobody was told.
pub async fn undo(
    State(app): State<App>,
    key: ApiKey<scope::Resolve>,
    TaskId(id): TaskId,
) -> Result<Json<Changed>> {
    let sql = "select owed, task_object from inbox.undo_task($1, null, $2, 'api')";
    let row = app.db.row(sql, &[&id, &key.actor]).await?;
    app.wake.after_event(row.get(0));
    Ok(Json(Changed { task: raw(&row, 1) }))
}

pub async fn history(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    TaskId(id): TaskId,
) -> Result<Json<History>> {
    let rows = app
        .db
        .rows("select step_object from inbox.task_history($1, $2)", &[&id, &key.actor])
        .await?;
    Ok(Json(History { history: rows.iter().map(|row| raw(row, 0)).collect() }))
}

#[derive(Serialize)]
pub struct History {
    history: Vec<Box<RawValue>>,
}

/// 1 to 255 printable ASCII characters (draft-ietf-httpapi-idempotency-key-header).
fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(key)),
        _ => {
            let detail = "an idempotency key has 1 to 255 printable ASCII characters";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_form", detail)
                .into())
        }
    }
}

fn expected_version(headers: &HeaderMap) -> Result<Option<i32>> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let version =
        value.to_str().ok().and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    match version {
        Some(version) => Ok(Some(version)),
        None => {
            let detail = "\"If-Match\" takes the task's version in quotes, as in \"3\"";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "if_match_form", detail).into())
        }
    }
}
