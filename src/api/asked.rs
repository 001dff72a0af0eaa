//! What comes with every verb: a key that may do it, the task, what was seen of it,
//! and the name under which the request is made only once.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use uuid::Uuid;

use super::{Nothing, Query, TaskId};
use crate::app::App;
use crate::auth::ApiKey;
use crate::auth::scope::Scope;
use crate::error::{Error, Problem, Result};

pub struct Asked<S> {
    pub actor: Value,
    pub id: Uuid,
    pub idempotency_key: Option<String>,
    pub expected_version: Option<i32>,
    scope: std::marker::PhantomData<S>,
}

impl<S: Scope> FromRequestParts<App> for Asked<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Asked<S>> {
        let key = ApiKey::<S>::from_request_parts(parts, app).await?;
        let TaskId(id) = TaskId::from_request_parts(parts, app).await?;
        Query::<Nothing>::from_request_parts(parts, app).await?;
        Ok(Asked {
            actor: key.actor,
            id,
            idempotency_key: idempotency_key(&parts.headers)?.map(str::to_owned),
            expected_version: expected_version(&parts.headers)?,
            scope: std::marker::PhantomData,
        })
    }
}

pub fn etag(version: i32) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}

/// 1 to 255 printable ASCII characters (draft-ietf-httpapi-idempotency-key-header).
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        // A tab passes for text in a header.
        Ok(key) if (1..=255).contains(&key.len()) && !key.contains('\t') => Ok(Some(key)),
        _ => {
            let detail = "an idempotency key has 1 to 255 printable ASCII characters";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_form", detail)
                .into())
        }
    }
}

pub fn expected_version(headers: &HeaderMap) -> Result<Option<i32>> {
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
