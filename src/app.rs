//! What every part of a running server shares.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::auth::Unlisted;
use crate::config::{Outbound, Proxies};
use crate::db::Db;
use crate::seal::Sealer;
use crate::wake::Wake;
use crate::worker::Sender;

#[derive(Clone, FromRef)]
pub struct App {
    pub db: Db,
    pub wake: Arc<Wake>,
    pub sealer: Arc<Sealer>,
    pub site: Arc<Site>,
    /// Or what is wrong with its settings.
    pub outbound: Arc<Result<Outbound, String>>,
    /// Or why nothing can be sent.
    pub sender: Arc<Result<Arc<Sender>, String>>,
}

/// The address under which people and receivers know us.
pub struct Site {
    /// Without a slash at its end.
    pub public_url: String,
    /// The host of `TASK_INBOX_PUBLIC_URL`. None: it is not set.
    pub host: Option<String>,
    pub proxies: Proxies,
    /// Those that look like some and are not listed.
    pub unlisted: Unlisted,
}

impl Site {
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
