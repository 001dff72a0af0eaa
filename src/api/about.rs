//! What the API is, for who has no key yet.

use axum::response::{IntoResponse, Response};
use http::header;

use crate::openapi;

pub async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi::TEXT).into_response()
}
