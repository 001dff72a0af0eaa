//! The person whom a reverse proxy has signed in, as with authelia or oauth2-proxy.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::address::{is_trusted, peer};
use crate::app::App;

/// None without such a header, and when it is not a trusted proxy that sent it.
pub struct RemoteUser(pub Option<String>);

impl FromRequestParts<App> for RemoteUser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<RemoteUser, Infallible> {
        Ok(RemoteUser(named(parts, app)))
    }
}

fn named(parts: &Parts, app: &App) -> Option<String> {
    let proxies = &app.site.proxies;
    let mut names = parts.headers.get_all(proxies.remote_user.as_ref()?).iter();
    let name = names.next().filter(|_| is_trusted(peer(&parts.extensions), &proxies.trusted))?;
    // Two may be the proxy's word beside the client's own: then it is nobody's.
    let alone = names.next().is_none();
    let name = name.to_str().ok().filter(|_| alone).unwrap_or_default();
    Some(name.trim().to_lowercase())
}
