//! Which reverse proxies are believed, and what they may say.

use anyhow::{Context, Result, bail};
use http::HeaderName;

use super::{read, value};
use crate::address::{Range, ranges};

#[derive(Clone, Default)]
pub struct Proxies {
    /// Whose word on where a request came from counts.
    pub trusted: Vec<Range>,
    /// The header in which one of them names the person it has signed in.
    pub remote_user: Option<HeaderName>,
}

impl Proxies {
    pub(super) fn load() -> Result<Proxies> {
        let proxies = Proxies {
            trusted: ranges(&value("TASK_INBOX_TRUSTED_PROXIES")?)
                .context("`TASK_INBOX_TRUSTED_PROXIES` must be as in 10.0.0.0/8,192.168.1.20")?,
            remote_user: read("TASK_INBOX_REMOTE_USER_HEADER")?
                .map(|text| header_name(&text))
                .transpose()?,
        };
        // Anybody could name anybody.
        if proxies.remote_user.is_some() && proxies.trusted.is_empty() {
            bail!(
                "`TASK_INBOX_REMOTE_USER_HEADER` needs `TASK_INBOX_TRUSTED_PROXIES`: the proxies that may set it"
            );
        }
        Ok(proxies)
    }
}

fn header_name(text: &str) -> Result<HeaderName> {
    text.parse().ok().with_context(|| {
        format!("`TASK_INBOX_REMOTE_USER_HEADER` must be as in Remote-User, not \"{text}\"")
    })
}
