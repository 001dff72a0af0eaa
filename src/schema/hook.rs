//! Where webhooks may go and which header may carry the hook key.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::grammar::scalar;
use super::yaml::Node;

/// Headers the sender or HTTP itself sets: a key in one of them would break
/// the request or its signature.
const RESERVED_HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];
const RESERVED_PREFIXES: &[&str] = &["content-", "proxy-", "webhook-"];

/// A URL a webhook may be sent to, in the spelling that is dialled.
pub fn url(node: &Node) -> Result<String, String> {
    let written = scalar(node).unwrap_or_default();
    // The parser is as forgiving as a browser: it mends `http:/host` and drops
    // line breaks. What it mends, nobody meant.
    let lower = written.to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        return Err("a URL that starts with \"http://\" or \"https://\"".to_owned());
    }
    if written.len() > 2_000
        || written.contains(|letter: char| letter.is_whitespace() || letter == '\\')
    {
        return Err("a URL of at most 2000 bytes without spaces and backslashes".to_owned());
    }
    let url = Url::parse(written).map_err(|error| format!("a URL ({error})"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL without user name and password".to_owned());
    }
    if url.port() == Some(0) {
        return Err("a URL with another port than 0".to_owned());
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain(_)) | None => None,
    };
    if address.is_some_and(never_allowed) {
        return Err("an address outside the link-local and cloud metadata ranges".to_owned());
    }
    Ok(url.into())
}

/// The header for the hook key, as written.
pub fn header_name(node: &Node) -> Result<String, String> {
    let written = scalar(node).unwrap_or_default();
    if written.len() > 64 || http::HeaderName::from_bytes(written.as_bytes()).is_err() {
        return Err("a header name such as \"ti-key\"".to_owned());
    }
    let lower = written.to_ascii_lowercase();
    let reserved = RESERVED_HEADERS.contains(&lower.as_str())
        || RESERVED_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
    match reserved {
        true => {
            Err("a header that neither HTTP nor the signature needs, such as \"ti-key\"".to_owned())
        }
        false => Ok(written.to_owned()),
    }
}

/// Addresses no allow-list opens: link-local ones and the metadata services of
/// clouds, which hand out credentials to whoever asks from inside.
pub fn never_allowed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => never_allowed_v4(address),
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
                || embedded_v4(address).is_some_and(never_allowed_v4)
        }
    }
}

fn never_allowed_v4(address: Ipv4Addr) -> bool {
    address.is_link_local() || address == Ipv4Addr::new(100, 100, 100, 200)
}

/// The IPv4 address that `::ffff:a.b.c.d`, `::a.b.c.d`, NAT64 and 6to4 lead to.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match address.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            (high, low)
        }
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Some(Ipv4Addr::new(a, b, c, d))
}
