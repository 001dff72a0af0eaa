//! Read, wait, list, history.

use std::time::Duration;

use anyhow::Context;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};

use super::asked::etag;
use super::cursor::Cursor;
use super::{Nothing, Query, TaskId, next_page, page_limit, raw, wait_limit};
use crate::app::App;
use crate::auth::{ApiKey, scope};
use crate::error::Result;
use crate::json::Json;

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

/// With `?wait=` the answer comes when the task is settled, or when the time is up.
/// With `Prefer: wait=` (RFC 7240) and the version one has in `If-None-Match`, when
/// there is another version; 304 when there is none in time.
pub async fn get_task(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    TaskId(id): TaskId,
    Query(Wait { wait }): Query<Wait>,
    headers: HeaderMap,
) -> Result<Response> {
    let known = known_version(&headers);
    let preferred = preferred_wait(&headers).filter(|_| known.is_some());
    let mut wait = wait_limit(wait.or(preferred))?;
    let deadline = Instant::now() + Duration::from_secs(wait);
    let mut place = None;
    loop {
        let changed = (wait > 0).then(|| app.wake.changed(id, known));
        let row = app.db.row("select inbox.get_task($1, $2)", &[&id, &key.actor]).await?;
        let found = raw(&row, 0);
        let seen: Seen = serde_json::from_str(found.get()).context("reading what get_task gave")?;
        let awaited = match known {
            Some(known) => seen.version != known,
            None => seen.task.resolved,
        };
        match changed {
            Some(changed) if !awaited && !app.wake.is_closing() => {
                if place.is_none() {
                    place = Some(app.wake.place()?);
                }
                if timeout_at(deadline, changed).await.is_err() {
                    // It may have moved meanwhile: one more look.
                    wait = 0;
                }
            }
            _ => return Ok(found_task(seen.version, known, preferred, found)),
        }
    }
}

fn found_task(
    version: i32,
    known: Option<i32>,
    preferred: Option<u64>,
    found: Box<RawValue>,
) -> Response {
    let mut response = match known == Some(version) {
        true => (StatusCode::NOT_MODIFIED, etag(version)).into_response(),
        false => (etag(version), Json(found)).into_response(),
    };
    if let Some(seconds) = preferred {
        response.headers_mut().insert("preference-applied", preference(seconds));
    }
    response
}

fn preference(seconds: u64) -> HeaderValue {
    HeaderValue::try_from(format!("wait={seconds}")).expect("digits are text")
}

/// Of several tags, or one that is none of ours, none is known.
fn known_version(headers: &HeaderMap) -> Option<i32> {
    let tag = headers.get(header::IF_NONE_MATCH)?.to_str().ok()?;
    tag.trim_start_matches("W/").strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

fn preferred_wait(headers: &HeaderMap) -> Option<u64> {
    let preferences = headers.get("prefer")?.to_str().ok()?;
    let wait = preferences.split([',', ';']).find_map(|one| one.trim().strip_prefix("wait="))?;
    // It is a wish: of more than there is, all there is.
    wait.parse().ok().map(|seconds: u64| seconds.min(60))
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
    assignee: Option<String>,
    late: Option<bool>,
    q: Option<String>,
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
            assignee,
            late,
            q,
            since,
            until,
            limit: _,
            cursor: _,
        } = self;
        format!(
            "{schema:?} {ttype:?} {state:?} {resolved:?} {external_id:?} {tag:?} {assignee:?} {late:?} {q:?} {since:?} {until:?}"
        )
    }
}

pub async fn list_tasks(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    Query(filter): Query<Filter>,
    uri: Uri,
) -> Result<impl IntoResponse> {
    let limit = page_limit(filter.limit)?;
    let fingerprint = filter.fingerprint();
    let before =
        filter.cursor.as_deref().map(|text| Cursor::read(text, &fingerprint)).transpose()?;
    let rows = app
        .db
        .rows(
            "select id, posted_at, task_object
             from inbox.list_tasks(
               $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            &[
                &filter.schema,
                &filter.ttype,
                &filter.state,
                &filter.resolved,
                &filter.external_id,
                &filter.tag,
                &filter.assignee,
                &filter.late,
                &filter.q,
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
    let link = next_page(&uri, next.as_deref());
    Ok((link, Json(Page { tasks: page.iter().map(|row| raw(row, 2)).collect(), next })))
}

#[derive(Serialize)]
pub struct Page {
    tasks: Vec<Box<RawValue>>,
    next: Option<String>,
}

pub async fn history(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    _: Query<Nothing>,
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
