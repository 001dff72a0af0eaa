//! For application servers: `/api/v1`. Every handler is one SQL function.

mod about;
mod asked;
mod attachments;
mod audit;
mod cursor;
mod deliveries;
mod endpoints;
mod events;
mod posting;
mod schemas;
mod tasks;
mod verbs;

use std::collections::HashMap;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::routing::{get, patch, post};
use http::{HeaderName, StatusCode, Uri, header};
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::Json as Jsonb;
use url::form_urlencoded;
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, Problem, Result};

pub use schemas::load as load_schema;

pub fn router() -> Router<App> {
    // The first task-inbox had a slash at the end here.
    let posting = get(tasks::list_tasks).post(posting::post_task);
    Router::new()
        .route("/api/v1/tasks", posting.clone())
        .route("/api/v1/tasks/", posting)
        .route("/api/v1/tasks/batch", post(posting::post_tasks))
        .route("/api/v1/tasks/{id}", get(tasks::get_task).patch(verbs::change))
        .route("/api/v1/tasks/{id}/state", patch(verbs::set_state))
        .route("/api/v1/tasks/{id}/history", get(tasks::history))
        .route("/api/v1/tasks/{id}/undo", post(verbs::undo))
        .route("/api/v1/tasks/{id}/withdraw", post(verbs::withdraw))
        .route("/api/v1/tasks/{id}/reopen", post(verbs::reopen))
        .route("/api/v1/tasks/{id}/comments", post(verbs::comment))
        .route("/api/v1/tasks/{id}/claim", post(verbs::claim))
        .route("/api/v1/tasks/{id}/release", post(verbs::release))
        .route("/api/v1/tasks/{id}/assign", post(verbs::assign))
        .route("/api/v1/tasks/{id}/snooze", post(verbs::snooze))
        .route("/api/v1/tasks/{id}/actions/{name}", post(verbs::tick))
        .route("/api/v1/openapi.json", get(about::openapi))
        .route("/api/v1/attachments", post(attachments::upload))
        .route("/api/v1/attachments/{id}", get(attachments::show))
        .route("/api/v1/events", get(events::read))
        .route("/api/v1/audit", get(audit::read))
        .route("/api/v1/deliveries", get(deliveries::list))
        .route("/api/v1/deliveries/replay", post(deliveries::replay))
        .route("/api/v1/deliveries/{id}", get(deliveries::show))
        .route("/api/v1/deliveries/{id}/retry", post(deliveries::retry))
        .route("/api/v1/endpoints", get(endpoints::list))
        .route("/api/v1/endpoints/{id}", patch(endpoints::change))
        .route("/api/v1/endpoints/{id}/ping", post(endpoints::ping))
        .route("/api/v1/schemas", get(schemas::list).post(schemas::upload))
        .route("/api/v1/schemas/{name}", get(schemas::show))
        .route("/api/v1/schemas/{name}/secret/rotate", post(endpoints::rotate))
        .route("/api", axum::routing::any(nothing_here))
        .route("/api/", axum::routing::any(nothing_here))
        .route("/api/{*rest}", axum::routing::any(nothing_here))
        .method_not_allowed_fallback(wrong_method)
}

async fn nothing_here() -> Error {
    not_there()
}

fn not_there() -> Error {
    Problem::new(StatusCode::NOT_FOUND, "route_exists", "there is nothing at this path").into()
}

pub async fn wrong_method() -> Error {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_allowed",
        "this path does not take this method",
    )
    .into()
}

/// JSON as SQL wrote it: parsing it here would round its numbers.
fn raw(row: &Row, column: usize) -> Box<RawValue> {
    row.get::<_, Jsonb<Box<RawValue>>>(column).0
}

fn page_limit(limit: Option<i32>) -> Result<i32> {
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        let detail = format!("\"limit\" must be from 1 to 200, not {limit}");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "limit_range", detail).into());
    }
    Ok(limit)
}

/// Where the next page is (RFC 8288): the same address with another cursor.
fn next_page(uri: &Uri, next: Option<&str>) -> Option<[(HeaderName, String); 1]> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query.extend_pairs(asked.filter(|(name, _)| name != "cursor"));
    let query = query.append_pair("cursor", next?).finish();
    Some([(header::LINK, format!("<{}?{query}>; rel=\"next\"", uri.path()))])
}

/// In seconds.
fn wait_limit(wait: Option<u64>) -> Result<u64> {
    let wait = wait.unwrap_or(0);
    if wait > 60 {
        let detail = "\"wait\" is at most 60 seconds";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wait_limit", detail).into());
    }
    Ok(wait)
}

/// A part of the path by its name in the route; none where it is no text.
async fn in_path<S: Send + Sync>(
    parts: &mut http::request::Parts,
    state: &S,
    name: &str,
) -> Option<String> {
    let found: Result<Path<HashMap<String, String>>, PathRejection> =
        Path::from_request_parts(parts, state).await;
    found.ok().and_then(|Path(mut parts)| parts.remove(name))
}

/// A task id in a path. What is no UUID is no task.
struct TaskId(Uuid);

impl<S: Send + Sync> FromRequestParts<S> for TaskId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<TaskId> {
        let text = in_path(parts, state, "id").await.unwrap_or_default();
        match Uuid::try_parse(&text) {
            Ok(id) => Ok(TaskId(id)),
            Err(_) => Err(Problem::new(
                StatusCode::NOT_FOUND,
                "task_exists",
                format!("there is no task \"{text}\""),
            )
            .into()),
        }
    }
}

/// A name or number in a path; one that is no text is of nothing.
struct Name(String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Name> {
        let name = match in_path(parts, state, "name").await {
            None => in_path(parts, state, "id").await,
            name => name,
        };
        name.map(Name).ok_or_else(not_there)
    }
}

/// For calls that take no query.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// A query string, or which part of it is wrong.
struct Query<T>(T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Query<T>> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Query(query)),
            Err(rejection) => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "query_shape",
                rejection.body_text(),
            )
            .into()),
        }
    }
}
