//! Files for tasks: upload, read.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::{Name, Nothing, Query, raw};
use crate::app::App;
use crate::attachment;
use crate::auth::{ApiKey, scope};
use crate::error::Result;
use crate::json::{Json, read_bytes};

/// 5 MiB.
const MAX_FILE: usize = 5 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    schema: String,
    name: String,
}

/// The body is the file itself; what it is called and what it is for is in the query.
pub async fn upload(
    State(app): State<App>,
    key: ApiKey<scope::Post>,
    Query(file): Query<File>,
    body: Body,
) -> Result<Response> {
    let data = read_bytes(body, MAX_FILE).await?;
    let row = app
        .db
        .row(
            "select kept, kept ->> 'id' from inbox_internal.store_upload($1, $2, $3, $4, $5) kept",
            &[&key.actor, &file.schema, &file.name, &attachment::media_type(&data), &&data[..]],
        )
        .await?;
    let location = [(header::LOCATION, format!("/api/v1/attachments/{}", row.get::<_, &str>(1)))];
    Ok((StatusCode::CREATED, location, Json(raw(&row, 0))).into_response())
}

pub async fn show(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    _: Query<Nothing>,
    Name(id): Name,
    headers: HeaderMap,
) -> Result<Response> {
    attachment::read(&app, &id, &key.actor, &headers).await
}
