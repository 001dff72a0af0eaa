//! task-inbox: an application posts a task, a person settles it on a phone, a
//! signed webhook tells the application. The rules live in `sql/functions`;
//! ARCHITECTURE.md has the map.

pub mod address;
mod admission;
pub mod api;
pub mod app;
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
use http::StatusCode;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

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
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app);
    headers::on_every_answer(router, is_https)
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
