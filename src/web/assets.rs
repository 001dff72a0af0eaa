//! The files of the page, inside the program. Their address carries a hash of
//! their content, so a browser keeps them for good and never shows an old one.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS},
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use sha2::{Digest, Sha256};

use super::WebError;
use super::input::Path;

const FOREVER: &str = "public, max-age=31536000, immutable";
/// For the two addresses browsers know by name: they cannot carry a hash.
const AN_HOUR: &str = "public, max-age=3600";
const MANIFEST: &str = include_str!("../../assets/manifest.webmanifest");

type Asset = (&'static str, &'static str, &'static [u8]);

const ASSETS: [Asset; 8] = [
    ("app.css", "text/css; charset=utf-8", include_bytes!("../../assets/app.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/app.js")),
    ("htmx.min.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/htmx.min.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
    ("icon-180.png", "image/png", include_bytes!("../../assets/icon-180.png")),
    ("icon-192.png", "image/png", include_bytes!("../../assets/icon-192.png")),
    ("icon-512.png", "image/png", include_bytes!("../../assets/icon-512.png")),
    ("icon-maskable-512.png", "image/png", include_bytes!("../../assets/icon-maskable-512.png")),
];

static URLS: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    ASSETS.iter().map(|&(name, _, content)| (name, hashed(name, content))).collect()
});

static BY_URL: LazyLock<HashMap<&'static str, &'static Asset>> =
    LazyLock::new(|| ASSETS.iter().map(|asset| (url(asset.0), asset)).collect());

/// The manifest names the icons as they lie in `assets/`; browsers get their addresses.
static SERVED_MANIFEST: LazyLock<String> = LazyLock::new(|| {
    let add_hash = |text: String, &(name, _, _): &Asset| {
        text.replace(&format!("\"{name}\""), &format!("\"{}\"", url(name)))
    };
    ASSETS.iter().fold(MANIFEST.to_owned(), add_hash)
});

pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{file}", get(asset))
        .route("/favicon.ico", get(favicon))
        .route("/manifest.webmanifest", get(manifest))
}

/// `app.css` lives at `/assets/app.0123456789abcdef.css`.
pub fn url(name: &str) -> &'static str {
    URLS.get(name).expect("pages name only files of the table")
}

async fn asset(Path(file): Path<String>) -> Response {
    match BY_URL.get(format!("/assets/{file}").as_str()) {
        Some(&&(_, kind, content)) => serve(kind, FOREVER, content),
        None => WebError::from(StatusCode::NOT_FOUND).into_response(),
    }
}

async fn favicon() -> Response {
    serve("image/x-icon", AN_HOUR, include_bytes!("../../assets/favicon.ico"))
}

async fn manifest() -> Response {
    serve("application/manifest+json", AN_HOUR, SERVED_MANIFEST.as_bytes())
}

fn serve(kind: &'static str, keep: &'static str, content: &'static [u8]) -> Response {
    let headers: [(HeaderName, &str); 3] =
        [(CONTENT_TYPE, kind), (CACHE_CONTROL, keep), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, content).into_response()
}

fn hashed(name: &str, content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (stem, ending) = name.rsplit_once('.').expect("every file of the table has an ending");
    format!("/assets/{stem}.{hash}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_one_address_that_serves_it() {
        for asset in &ASSETS {
            assert_eq!(BY_URL[url(asset.0)].0, asset.0);
        }
        assert_eq!(BY_URL.len(), ASSETS.len());
    }

    #[test]
    fn the_manifest_names_icons_by_their_address() {
        for name in ["icon.svg", "icon-192.png", "icon-512.png", "icon-maskable-512.png"] {
            assert!(SERVED_MANIFEST.contains(url(name)), "{name}");
        }
    }
}
