//! A browser and its cookies: the session's, which signs it in, and the mark by which it
//! is known afterwards. The database has the hashes of both.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};

use super::ClientAddress;
use crate::app::App;
use crate::token;

/// What the list of sessions shows of a browser, and the session it has had.
pub struct Browser {
    pub address: ClientAddress,
    pub user_agent: Option<String>,
    /// Of the cookie it came with; whatever signs it in ends that session.
    pub old_session: Option<Vec<u8>>,
    /// The mark it came with, whoever's.
    mark: Option<String>,
}

impl Browser {
    pub fn mark_hash(&self) -> Option<Vec<u8>> {
        self.mark.as_deref().map(token::hash)
    }
}

impl FromRequestParts<App> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Browser, Infallible> {
        let address = ClientAddress::from_request_parts(parts, app).await?;
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let old_session = session_token(&parts.headers, app).map(token::hash);
        let mark = cookie(&parts.headers, &cookie_name(app, MARK)).map(str::to_owned);
        Ok(Browser { address, user_agent, old_session, mark })
    }
}

/// What a browser is given when somebody signs in there.
pub struct SignedIn {
    session: String,
    mark: String,
}

impl SignedIn {
    pub fn offer() -> SignedIn {
        SignedIn { session: token::random_token(), mark: token::random_token() }
    }

    pub fn session_hash(&self) -> Vec<u8> {
        token::hash(&self.session)
    }

    pub fn mark_hash(&self) -> Vec<u8> {
        token::hash(&self.mark)
    }

    /// As `start_session` answers: whether the mark stays that the browser came with.
    /// None: nobody is signed in.
    pub fn taken(self, browser: &Browser, mark_stays: Option<bool>) -> Option<SignedIn> {
        let kept = browser.mark.clone().filter(|_| mark_stays == Some(true));
        mark_stays.map(|_| SignedIn { mark: kept.unwrap_or(self.mark), ..self })
    }

    /// The headers that say so.
    pub fn cookies(&self, app: &App) -> [String; 2] {
        let year = 365 * 24 * 3600;
        [session_cookie(app, &self.session), set_cookie(app, MARK, &self.mark, year)]
    }
}

const SESSION: &str = "ti";
const MARK: &str = "ti-known";

pub fn session_token<'a>(headers: &'a HeaderMap, app: &App) -> Option<&'a str> {
    cookie(headers, &cookie_name(app, SESSION))
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
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
fn cookie_name(app: &App, name: &str) -> String {
    format!("{}{name}", if app.site.is_https() { "__Host-" } else { "" })
}

/// The header that signs a browser in, or out with an empty token. Its mark stays.
pub fn session_cookie(app: &App, token: &str) -> String {
    let seconds = if token.is_empty() { 0 } else { 90 * 24 * 3600 };
    set_cookie(app, SESSION, token, seconds)
}

fn set_cookie(app: &App, name: &str, token: &str, seconds: u32) -> String {
    let secure = if app.site.is_https() { "; Secure" } else { "" };
    let name = cookie_name(app, name);
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}
