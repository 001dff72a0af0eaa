//! What is refused before anything looks at it: addresses without end, and
//! hosts that are not ours.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, header};

use crate::app::{App, Site};
use crate::error::Problem;
use crate::web;

/// Of a path with its query; the longest of ours has some hundred.
const MAX_ADDRESS: usize = 8 * 1024;

pub async fn admit(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path == "/api" || path.starts_with("/api/");
    let length = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if length > MAX_ADDRESS && is_api {
        let detail = format!("the address is longer than {MAX_ADDRESS} bytes");
        return Problem::new(StatusCode::URI_TOO_LONG, "address_length", detail).into_response();
    }
    if length > MAX_ADDRESS {
        return web::refusal(StatusCode::URI_TOO_LONG);
    }
    app.site.unlisted.heed(&request, &app.site.proxies.trusted);
    // A name that an attacker lets lead here brings their page no cookie of ours, and
    // with this no page either (DNS rebinding). Applications come by inner names and
    // with a key, which no browser sends by itself; probes by any name.
    let anybody = is_api || path == "/healthz";
    if !anybody && !asks_for_us(request.uri(), request.headers(), &app.site) {
        return web::refusal(StatusCode::MISDIRECTED_REQUEST);
    }
    next.run(request).await
}

/// Exactly one host, and the same in an address that names one too.
fn asks_for_us(uri: &Uri, headers: &HeaderMap, site: &Site) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none());
    let host = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
    host.is_some_and(|host| is_ours(&host, site))
        && uri.authority().is_none_or(|host| is_ours(host, site))
}

/// The port is the proxy's affair: many do not pass it on.
fn is_ours(authority: &Authority, site: &Site) -> bool {
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
    match &site.host {
        Some(ours) => host == *ours,
        // No name leads here that is not in the address bar as a number.
        None => {
            host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
                || host == "localhost"
                || host.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Unlisted;
    use crate::config::Proxies;

    fn is_known(public: Option<&str>, host: &str) -> bool {
        let site = Site {
            public_url: String::new(),
            host: public.map(str::to_owned),
            proxies: Proxies::default(),
            unlisted: Unlisted::default(),
        };
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        asks_for_us(&Uri::from_static("/"), &headers, &site)
    }

    #[test]
    fn only_our_own_name_is_answered() {
        for (host, known) in [
            ("inbox.example", true),
            ("INBOX.example.", true),
            ("inbox.example:8443", true),
            ("evil.example", false),
            ("inbox.example.evil.example", false),
            ("evil.example@inbox.example", false),
            ("inbox.example@evil.example", false),
            ("inbox.example/evil", false),
            ("127.0.0.1", false),
            ("", false),
        ] {
            assert_eq!(is_known(Some("inbox.example"), host), known, "{host}");
        }
        assert!(is_known(Some("[2001:db8::1]"), "[2001:db8::1]:8080"));
    }

    #[test]
    fn without_a_name_every_number_is_ours() {
        for (host, known) in [
            ("127.0.0.1:8080", true),
            ("192.168.1.20", true),
            ("[::1]:8080", true),
            ("localhost:8080", true),
            ("inbox.localhost", true),
            ("evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
        ] {
            assert_eq!(is_known(None, host), known, "{host}");
        }
    }
}
