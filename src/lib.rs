//! task-inbox: an application posts a task, a person settles it on a phone, a
//! signed webhook tells the application. The rules live in `sql/functions`;
//! ARCHITECTURE.md has the map.

pub mod address;
mod admission;
pub mod api;
pub mod app;
pub mod attachment;
pub mod auth;
pub mod cli;
pub mod config;
pub mod db;
pub mod delivery;
pub mod embedded;
pub mod error;
mod headers;
pub mod json;
pub mod listen;
pub mod openapi;
pub mod ops;
pub mod schema;
pub mod seal;
pub mod secret;
pub mod serve;
pub mod task;
pub mod token;
pub mod wake;
pub mod web;
pub mod worker;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

use app::App;
use error::{Error, Problem};

/// Everything that is served, ready for a listener or a test.
pub fn router(app: App) -> Router {
    let is_https = app.site.is_https();
    let router = Router::new()
        .merge(api::router())
        .merge(web::router(&app))
        .route("/healthz", axum::routing::get(health))
        .method_not_allowed_fallback(api::wrong_method)
        .layer(from_fn_with_state(app.clone(), admission::admit))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_no_file)))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app);
    headers::on_every_answer(router, is_https)
}

/// A file goes out as it is: its ETag is the hash of these bytes.
fn is_no_file(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::CONTENT_DISPOSITION)
}

/// Ready: the database answers.
pub async fn health(
    axum::extract::State(app): axum::extract::State<App>,
) -> Result<&'static str, Error> {
    app.db.run("select 1", &[]).await?;
    Ok("ok\n")
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on our side")
        .into_response()
}

/// reqwest and rustls take the process' provider; there is one, and no OpenSSL.
pub fn install_tls_provider() {
    // Fails only when it is installed already, as when many tests share a process.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
