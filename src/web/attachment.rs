//! A file of a task, for who may see the task.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use super::WebError;
use super::input::Path;
use crate::app::App;
use crate::attachment;
use crate::auth::Person;

pub async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    Ok(attachment::read(&app, &id, &person.actor(), &headers).await?)
}
