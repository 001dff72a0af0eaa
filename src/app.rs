//! What every part of a running server shares.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::db::Db;
use crate::seal::Sealer;
use crate::wake::Wake;

#[derive(Clone, FromRef)]
pub struct App {
    pub db: Db,
    pub wake: Arc<Wake>,
    pub sealer: Arc<Sealer>,
    pub site: Arc<Site>,
}

/// The address under which people and receivers know us.
pub struct Site {
    /// Without a slash at its end.
    pub public_url: String,
}

impl Site {
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
