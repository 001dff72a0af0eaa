//! Where webhooks may go and which header may carry the hook key.

use url::Url;

use super::grammar::scalar;
use super::yaml::Node;
use crate::address::{check_form, literal, never_allowed};

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
    check_form(&url)?;
    if literal(&url).is_some_and(never_allowed) {
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
