//! What goes wrong, and how a caller of the API reads it (RFC 9457).

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use tracing::error;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's to mend; its text is API.
    #[error("{}", .0.detail)]
    Client(Box<Problem>),
    /// Ours to mend; logged where it becomes an answer, never shown.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

/// Raw, so that the numbers of a task stay what they were.
pub type Members = BTreeMap<String, Box<RawValue>>;

/// The broken rule, by its name, with what the caller needs to mend it.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: Cow<'static, str>,
    pub detail: String,
    /// Further members: `errors` of a body, or who was faster.
    pub members: Members,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code: code.into(), detail: detail.into(), members: Members::new() }
    }

    /// With the place in the body, as a JSON Pointer.
    pub fn at(self, pointer: &str) -> Problem {
        let errors = json!([{"pointer": pointer, "detail": self.detail}]);
        self.with("errors", &errors)
    }

    pub fn with(mut self, name: &'static str, value: &Value) -> Problem {
        if let Ok(raw) = to_raw_value(value) {
            self.members.insert(name.to_owned(), raw);
        }
        self
    }

    pub fn into_json(self) -> String {
        let status = self.status;
        let body = self
            .with("status", &status.as_u16().into())
            .with("title", &status.canonical_reason().unwrap_or("Error").into());
        let kind = Value::from(format!("urn:task-inbox:problem:{}", body.code));
        let (code, detail) = (Value::from(body.code.as_ref()), Value::from(body.detail.as_str()));
        let body = body.with("type", &kind).with("code", &code).with("detail", &detail);
        serde_json::to_string(&body.members).unwrap_or_default()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Error {
        Error::Client(Box::new(problem))
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Error {
        match error.as_db_error().and_then(refusal) {
            Some(problem) => problem.into(),
            None if error.as_db_error().is_none_or(out_of_reach) => unavailable(&chain(&error)),
            None => Error::Internal(error.into()),
        }
    }
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Error {
        match error {
            deadpool_postgres::PoolError::Backend(error) => error.into(),
            other => unavailable(&chain(&other)),
        }
    }
}

/// SQL refuses with `PTxyz`: xyz is the HTTP status and the constraint's name
/// the broken rule, so that a raised rule and a violated constraint are one.
fn refusal(error: &tokio_postgres::error::DbError) -> Option<Problem> {
    let code = error.code().code();
    let status = match code {
        "23514" => StatusCode::UNPROCESSABLE_ENTITY,
        "23505" => StatusCode::CONFLICT,
        // Somebody at psql left a transaction open on just this.
        "55P03" => {
            let detail = "somebody else is changing this just now; try again";
            return Some(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "lock_free", detail));
        }
        // A character, a number or a time that PostgreSQL cannot hold.
        "22P05" | "22021" | "22003" | "22008" | "54000" => {
            return Some(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "value_storable",
                error.message(),
            ));
        }
        _ => code
            .strip_prefix("PT")?
            .parse::<u16>()
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok())?,
    };
    let members =
        error.detail().and_then(|detail| serde_json::from_str(detail).ok()).unwrap_or_default();
    let code = error.constraint().unwrap_or("refused").to_owned().into();
    let problem = Problem { status, code, detail: error.message().to_owned(), members };
    // A rule about one field of the body names it.
    Some(match error.column() {
        Some(field) => problem.at(&format!("/{field}")),
        None => problem,
    })
}

/// Worth another try: the server is going, full, or chose us to end a deadlock.
fn out_of_reach(error: &tokio_postgres::error::DbError) -> bool {
    let code = error.code().code();
    matches!(code, "40001" | "40P01" | "57014" | "25006")
        || code.starts_with("08")
        || code.starts_with("53")
        || code.starts_with("57P")
}

pub fn unavailable(why: &str) -> Error {
    error!("the database is out of reach: {why}");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "database_reachable",
        "the database is out of reach; try again",
    )
    .into()
}

/// An error with all its causes, for logs.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl Error {
    /// The problem a caller may see; ours are logged here, once.
    pub fn into_problem(self) -> Problem {
        match self {
            Error::Client(problem) => *problem,
            Error::Internal(error) => {
                error!("request failed: {error:#}");
                Problem::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "something went wrong on our side",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        Error::from(self).into_response()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = self.into_problem();
        let status = problem.status;
        let mut response = (status, problem.into_json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"task-inbox\""),
                );
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}
