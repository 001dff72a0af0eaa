//! Post one task, or many.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::asked::{etag, idempotency_key};
use super::{Nothing, Query, raw};
use crate::app::App;
use crate::auth::{ApiKey, PresentedKey, scope, unknown_key};
use crate::error::{Error, Problem, Result};
use crate::json::{self, Json, Whole};

/// 8 MiB, of at most 1,000 tasks.
const MAX_BATCH: usize = 8 * 1024 * 1024;

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
    merge_key: Option<String>,
    respond_by: Option<Timestamp>,
    respond_within: Option<Duration>,
    start_at: Option<Timestamp>,
    attachments: Option<Box<RawValue>>,
}

/// Seconds, or `90s`, `15m`, `4h`, `7d`; SQL reads it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number of seconds or a duration like \"15m\"")]
enum Duration {
    Seconds(Whole<i64>),
    Text(String),
}

impl Duration {
    fn text(&self) -> String {
        match self {
            Duration::Seconds(Whole(seconds)) => seconds.to_string(),
            Duration::Text(text) => text.clone(),
        }
    }
}

pub async fn post_task(
    State(app): State<App>,
    key: PresentedKey<scope::Post>,
    query: Result<Query<Nothing>>,
    headers: HeaderMap,
    body: Result<Json<NewTask>>,
) -> Result<Response> {
    let given = body.and_then(|Json(new)| query.and(Ok((new, idempotency_key(&headers)?))));
    let (new, idempotency_key) = key.first(&app, given).await?;
    let row = app
        .db
        .maybe_row(
            "select posted.id, created, owed, task_object, (task_object ->> 'version')::int
             from inbox_internal.authenticate_key($14) key
             cross join lateral inbox.post_task(
               $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $15, key.actor, 'api') posted",
            &[
                &new.schema_name,
                &new.task,
                &new.state,
                &new.meta.as_deref().map(Jsonb),
                &new.external_id,
                &new.urgency,
                &new.tags,
                &new.context.as_deref().map(Jsonb),
                &new.merge_key,
                &new.respond_by,
                &new.respond_within.as_ref().map(Duration::text),
                &new.start_at,
                &new.attachments.as_deref().map(Jsonb),
                &key.hash,
                &idempotency_key,
            ],
        )
        .await?
        .ok_or_else(unknown_key)?;

    let posted = Json(Posted { id: row.get(0), task: raw(&row, 3), ttype: new.task });
    let version = etag(row.get(4));
    if !row.get::<_, bool>(1) {
        return Ok((version, posted).into_response());
    }
    app.wake.after_event(row.get(2));
    let location = [(header::LOCATION, format!("/api/v1/tasks/{}", posted.0.id))];
    Ok((StatusCode::CREATED, version, location, posted).into_response())
}

#[derive(Serialize)]
struct Posted {
    id: Uuid,
    task: Box<RawValue>,
    ttype: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    tasks: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
pub struct Results {
    results: Vec<Box<RawValue>>,
}

/// What is wrong with one task is told in its place and keeps no other back.
pub async fn post_tasks(
    State(app): State<App>,
    key: ApiKey<scope::Post>,
    _: Query<Nothing>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Results>> {
    let idempotency_key = idempotency_key(&headers)?;
    let text = json::read(body, MAX_BATCH).await?;
    let Batch { tasks } = json::outline(&text)?;
    if !(1..=1_000).contains(&tasks.len()) {
        let detail = format!("a batch has 1 to 1,000 tasks, not {}", tasks.len());
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "batch_size", detail);
        return Err(problem.at("/tasks").into());
    }
    let faults: Vec<Option<Problem>> = tasks.iter().map(|task| fault(task)).collect();
    let good: Vec<&str> = tasks
        .iter()
        .zip(&faults)
        .filter(|(_, fault)| fault.is_none())
        .map(|(task, _)| task.get())
        .collect();

    let mut answers = Vec::new().into_iter();
    if !good.is_empty() {
        let good = RawValue::from_string(format!("[{}]", good.join(",")))
            .expect("JSON values in brackets are JSON");
        let sql = "select owed, result from inbox.post_tasks($1, $2, $3, 'api') order by place";
        let rows = app.db.rows(sql, &[&Jsonb(&good), &idempotency_key, &key.actor]).await?;
        app.wake.after_event(rows.iter().any(|row| row.get(0)));
        answers = rows.iter().map(|row| raw(row, 1)).collect::<Vec<_>>().into_iter();
    }
    let results = faults.into_iter().map(|fault| match fault {
        Some(problem) => refused(problem),
        None => answers.next().expect("SQL answers each task"),
    });
    Ok(Json(Results { results: results.collect() }))
}

fn fault(task: &RawValue) -> Option<Problem> {
    if task.get().len() > json::MAX_BODY {
        let detail = format!("the task is larger than {} KiB", json::MAX_BODY / 1024);
        return Some(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_size", detail));
    }
    json::parse::<NewTask>(task.get()).err().map(Error::into_problem)
}

fn refused(problem: Problem) -> Box<RawValue> {
    let status = problem.status.as_u16();
    let text = format!(r#"{{"status":{status},"problem":{}}}"#, problem.into_json());
    RawValue::from_string(text).unwrap_or_else(|_| to_raw_value(&()).expect("null is JSON"))
}
