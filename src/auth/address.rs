//! Where a request comes from, as far as that can be known.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName};

use crate::address::Range;
use crate::app::App;

pub(super) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The peer, or whom trusted proxies say they speak for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What counts as one client: of IPv6 everybody has at least a /64.
    pub fn group(&self) -> String {
        match self.0 {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<ClientAddress, Infallible> {
        let trusted = &app.site.proxies.trusted;
        Ok(ClientAddress(behind_proxies(peer(&parts.extensions), &parts.headers, trusted)))
    }
}

/// Who holds the connection.
pub(super) fn peer(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    // Without a listener, as in a test of the router alone, it is nobody.
    peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |ConnectInfo(peer)| peer.ip().to_canonical())
}

pub fn is_trusted(address: IpAddr, trusted: &[Range]) -> bool {
    trusted.iter().any(|range| range.has(address))
}

/// Each proxy writes whom it heard at the end of the list, so it is read from
/// there: the first who is not trusted is the client, and what stands before is hearsay.
fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted: &[Range]) -> IpAddr {
    let lists = headers.get_all(FORWARDED_FOR).into_iter().collect::<Vec<_>>();
    let mut entries = lists
        .into_iter()
        .rev()
        .flat_map(|list| list.to_str().unwrap_or_default().rsplit(','))
        .map(|entry| address(entry.trim()));

    let mut client = peer;
    while is_trusted(client, trusted) {
        match entries.next().flatten() {
            Some(before) => client = before,
            None => break,
        }
    }
    client
}

/// Some proxies add the port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let address = bare.or_else(|| entry.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::ranges;

    fn client(peer: &str, lists: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, list.parse().unwrap());
        }
        let trusted = ranges("10.0.0.0/8,::1").unwrap();
        behind_proxies(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn s06_s07_only_what_a_trusted_proxy_heard_itself_counts() {
        for (peer, lists, expected) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::1", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6,198.51.100.1, 10.0.0.7"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6", "198.51.100.1", "10.0.0.7"], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.9, 10.0.0.7"], "10.0.0.9"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["::ffff:10.0.0.2"], "10.0.0.2"),
            // What makes no sense hides what stands before it.
            ("10.0.0.1", &["6.6.6.6, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6,"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
        ] {
            assert_eq!(client(peer, lists), expected, "{peer} {lists:?}");
        }
    }

    #[test]
    fn s05_a_64_of_ipv6_is_one_client() {
        let group = |text: &str| ClientAddress(text.parse().unwrap()).group();
        assert_eq!(group("2001:db8:1:2::1"), group("2001:db8:1:2:ffff::9"));
        assert_ne!(group("2001:db8:1:2::1"), group("2001:db8:1:3::1"));
        assert_eq!(group("198.51.100.1"), "198.51.100.1");
    }
}
