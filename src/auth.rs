//! Who asks: an application by its API key, a person by their cookie. A handler
//! names which it needs, and cannot be reached without.

mod address;
pub mod password;
mod person;
mod remote_user;
pub mod scope;
mod session;
mod sign_in;
mod unlisted;

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::app::App;
use crate::error::{Error, Problem};
use crate::token;
use scope::Scope;

pub use address::{ClientAddress, is_trusted};
pub use person::{Admin, Elevated, Person, Resolver, Role, signed_in};
pub use remote_user::RemoteUser;
pub use session::{Browser, SignedIn, session_cookie, session_token};
pub use sign_in::{Means, change_password, sign_in, sign_in_named, use_link};
pub use unlisted::Unlisted;

/// A valid API key with the scope, as SQL wants to know it. The functions it is
/// given to check again: the rule is theirs.
pub struct ApiKey<S> {
    pub actor: Value,
    scope: PhantomData<S>,
}

impl<S: Scope> FromRequestParts<App> for ApiKey<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<ApiKey<S>, Error> {
        PresentedKey::of(parts)?.checked(app).await
    }
}

/// A key that looks like one and is checked by the statement it comes with: half
/// the way to the database for the calls that are made all the time. It names
/// no actor, so nothing can be done with it without that check. Before a body that is
/// large, or does not say, it is checked all the same: nobody's is not read.
pub struct PresentedKey<S> {
    pub hash: Vec<u8>,
    scope: PhantomData<S>,
}

/// Of a body that may be read before its key is checked.
const SMALL: u64 = 16 * 1024;

impl<S: Scope> FromRequestParts<App> for PresentedKey<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<PresentedKey<S>, Error> {
        let key = PresentedKey::of(parts)?;
        if !is_small(&parts.headers) {
            key.checked(app).await?;
        }
        Ok(key)
    }
}

impl<S: Scope> PresentedKey<S> {
    fn of(parts: &Parts) -> Result<PresentedKey<S>, Error> {
        let hash = token::hash(presented_key(&parts.headers)?);
        Ok(PresentedKey { hash, scope: PhantomData })
    }

    /// What was wrong with the rest of a request is told only to those whose key
    /// may make it.
    pub async fn first<T>(&self, app: &App, rest: Result<T, Error>) -> Result<T, Error> {
        if rest.is_err() {
            self.checked(app).await?;
        }
        rest
    }

    async fn checked(&self, app: &App) -> Result<ApiKey<S>, Error> {
        let sql = "select actor, inbox_internal.check_right(actor, $2)
                   from inbox_internal.authenticate_key($1)";
        let row = app.db.maybe_row(sql, &[&self.hash, &S::RIGHT]).await?;
        Ok(ApiKey { actor: row.ok_or_else(unknown_key)?.get(0), scope: PhantomData })
    }
}

fn is_small(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length <= SMALL)
        && !headers.contains_key(header::TRANSFER_ENCODING)
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
