//! Who asks: an application by its API key, a person by their cookie. A handler
//! names which it needs, and cannot be reached without.

mod address;
pub mod password;
mod remote_user;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::app::App;
use crate::error::{Error, Problem};
use crate::token;

pub use address::ClientAddress;
pub use remote_user::RemoteUser;

/// A valid API key, as SQL wants to know it. What it may do is decided there.
pub struct ApiKey {
    pub actor: Value,
}

impl FromRequestParts<App> for ApiKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<ApiKey, Error> {
        PresentedKey::from_request_parts(parts, app).await?.checked(app).await
    }
}

/// A key that looks like one and is checked by the statement it comes with: half
/// the way to the database for the calls that are made all the time. It names
/// no actor, so nothing can be done with it without that check.
pub struct PresentedKey {
    pub hash: Vec<u8>,
}

impl FromRequestParts<App> for PresentedKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<PresentedKey, Error> {
        Ok(PresentedKey { hash: token::hash(presented_key(&parts.headers)?) })
    }
}

impl PresentedKey {
    /// What was wrong with the rest of a request is told only to those with a key.
    pub async fn first<T>(&self, app: &App, rest: Result<T, Error>) -> Result<T, Error> {
        if rest.is_err() {
            self.checked(app).await?;
        }
        rest
    }

    async fn checked(&self, app: &App) -> Result<ApiKey, Error> {
        let row = app
            .db
            .maybe_row("select actor from inbox_internal.authenticate_key($1)", &[&self.hash])
            .await?;
        Ok(ApiKey { actor: row.ok_or_else(unknown_key)?.get(0) })
    }
}

/// The same for all, so that nobody learns how close they came.
const UNKNOWN: &str = "the API key is unknown, revoked or expired, or there is more than one";

/// No row came back for a [`PresentedKey`].
pub fn unknown_key() -> Error {
    unauthenticated(UNKNOWN).into()
}

/// From `Authorization: Bearer`, or the header the first task-inbox used.
fn presented_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let bearer = headers.get_all(header::AUTHORIZATION).iter().map(|value| {
        value
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
    });
    let original =
        headers.get_all("api-key").iter().map(|value| value.to_str().ok().map(|key| ("", key)));
    let mut given = bearer.chain(original);

    match (given.next(), given.next()) {
        (None, _) => Err(unauthenticated("an API key is needed: `Authorization: Bearer tik_…`")),
        (Some(Some((_, key))), None) if token::is_api_key(key) => Ok(key),
        (Some(_), _) => Err(unauthenticated(UNKNOWN)),
    }
}

fn unauthenticated(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "key_known", detail)
}

/// A person who is signed in.
#[derive(Clone)]
pub struct Person {
    pub id: i32,
    pub name: String,
}

impl Person {
    pub fn actor(&self) -> Value {
        json!({"kind": "person", "id": self.id.to_string(), "name": self.name})
    }
}

/// The person behind the cookie, if there is one.
pub async fn signed_in(headers: &HeaderMap, app: &App) -> Result<Option<Person>, Error> {
    let Some(token) = session_token(headers, app) else {
        return Ok(None);
    };
    let row = app
        .db
        .maybe_row("select id, name from inbox_internal.find_session($1)", &[&token::hash(token)])
        .await?;
    Ok(row.map(|row| Person { id: row.get(0), name: row.get(1) }))
}

pub fn session_token<'a>(headers: &'a HeaderMap, app: &App) -> Option<&'a str> {
    let name = cookie_name(app);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|pairs| pairs.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// A browser takes a `__Host-` cookie only over https, from this very host and
/// for all its paths (RFC 6265bis); over http it must do with a plain name.
fn cookie_name(app: &App) -> &'static str {
    if app.site.is_https() { "__Host-ti" } else { "ti" }
}

/// The header that signs a browser in, or out with an empty token.
pub fn session_cookie(app: &App, token: &str) -> String {
    let secure = if app.site.is_https() { "; Secure" } else { "" };
    let seconds = if token.is_empty() { 0 } else { 90 * 24 * 3600 };
    format!(
        "{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}",
        cookie_name(app)
    )
}
