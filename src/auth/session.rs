//! A browser and the cookie that signs it in. The database knows the token's hash.

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
}

impl FromRequestParts<App> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Browser, Infallible> {
        let address = ClientAddress::from_request_parts(parts, app).await?;
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let old_session = session_token(&parts.headers, app).map(token::hash);
        Ok(Browser { address, user_agent, old_session })
    }
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
