//! What browsers send: paths, queries and forms. What is wrong with one is said
//! on a page of ours.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::WebError;
use crate::json;

/// A comment has at most 10,000 characters, each of which may be 12 bytes here.
const MAX_FORM: usize = 128 * 1024;

pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, WebError> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        // What is no text leads nowhere.
        path.map(|axum::extract::Path(path)| Path(path))
            .map_err(|_| WebError::from(StatusCode::NOT_FOUND))
    }
}

pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, WebError> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(query)| Query(query))
            .map_err(|_| WebError::from(StatusCode::BAD_REQUEST))
    }
}

pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Form<T>, WebError> {
        let (parts, body) = request.into_parts();
        let text = json::read(body, MAX_FORM).await?;
        let whole = Request::from_parts(parts, Body::from(text));
        #[expect(clippy::disallowed_types, reason = "this is what it is refused with a page by")]
        match axum::extract::Form::from_request(whole, state).await {
            Ok(axum::extract::Form(form)) => Ok(Form(form)),
            Err(rejection) => {
                Err(WebError::from(axum::response::IntoResponse::into_response(rejection).status()))
            }
        }
    }
}
