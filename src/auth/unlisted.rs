//! A reverse proxy that nobody listed: everybody behind it counts as one address,
//! and one who guesses slows down all whose browser is not known. Its operator is
//! told in the log.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::extract::Request;
use http::header::FORWARDED;
use tracing::warn;

use super::address::{FORWARDED_FOR, is_trusted, peer};
use crate::address::{Range, is_private};

/// Whoever comes after them is not told of: everybody inside can send the header.
const MOST: usize = 16;

/// Those that were told of.
#[derive(Default)]
pub struct Unlisted(Mutex<HashSet<IpAddr>>);

impl Unlisted {
    pub fn heed(&self, request: &Request, trusted: &[Range]) {
        let Some(header) = [FORWARDED_FOR, FORWARDED]
            .into_iter()
            .find(|header| request.headers().contains_key(header))
        else {
            return;
        };
        let peer = peer(request.extensions());
        // From outside anybody may send it, and a proxy of ours is seldom there.
        if !is_private(peer) || is_trusted(peer, trusted) {
            return;
        }
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MOST && told.insert(peer) {
            warn!(
                "{peer} sends {header} and is not in `TASK_INBOX_TRUSTED_PROXIES`: everybody behind it \
                 counts as one address. A reverse proxy is listed there and sends X-Forwarded-For"
            );
        }
    }
}
