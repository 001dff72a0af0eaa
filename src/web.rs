//! For people: server-rendered pages. Every form works without JavaScript; htmx
//! only spares the reload.

mod account;
mod ask;
pub mod assets;
mod attached;
mod attachment;
mod audit;
mod change;
mod decide;
mod decision;
mod deliveries;
mod delivery;
mod device;
mod docs;
mod elevate;
mod endpoint;
mod fact;
mod facts;
mod field;
mod history;
mod icon;
mod inbox;
mod input;
mod login;
mod narrow;
mod page;
mod password;
mod pretty;
mod replay;
mod secret;
mod signs;
mod task;
mod time;
mod typed;
mod verb_forms;
mod verbs;

pub use audit::ACTIONS;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use url::form_urlencoded::byte_serialize;

use crate::app::App;
use crate::auth::{self, Admin, Elevated, Person, RemoteUser, Resolver, Role};
use crate::error::Error;

/// Nothing inline, nothing from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

pub fn router(app: &App) -> Router<App> {
    let same_origin = CsrfLayer::new()
        .add_trusted_origin(&app.site.public_url)
        .expect("a public URL without a path is an origin")
        .with_rejection_response(|_| refusal(StatusCode::FORBIDDEN));
    let policy = SetResponseHeaderLayer::if_not_present(
        HeaderName::from_static("content-security-policy"),
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    Router::new()
        .route("/", get(inbox::show))
        .route("/done", get(inbox::show_done))
        .route("/tasks/{id}", get(decide::show))
        .route("/tasks/{id}/state", get(decide::back).post(decide::decide))
        .route("/tasks/{id}/confirm", get(decide::back).post(decide::confirm))
        .route("/tasks/{id}/undo", get(decide::back).post(decide::undo))
        .route("/tasks/{id}/comments", get(decide::back).post(verbs::comment))
        .route("/tasks/{id}/claim", get(decide::back).post(verbs::claim))
        .route("/tasks/{id}/release", get(decide::back).post(verbs::release))
        .route("/tasks/{id}/assign", get(decide::back).post(verbs::assign))
        .route("/tasks/{id}/facts", get(facts::show).post(facts::change))
        .route("/tasks/{id}/snooze", get(decide::back).post(verbs::snooze))
        .route("/tasks/{id}/actions/{name}", get(decide::back_from_item).post(verbs::tick))
        .route("/tasks/{id}/withdraw", get(decide::back).post(verbs::withdraw))
        .route("/tasks/{id}/reopen", get(decide::back).post(verbs::reopen))
        .route("/attachments/{id}", get(attachment::show))
        .route("/deliveries", get(deliveries::show))
        .route("/deliveries/replay", get(endpoint::back).post(replay::ask))
        .route("/deliveries/{id}", get(delivery::show))
        .route("/deliveries/{id}/retry", get(delivery::back).post(delivery::retry))
        .route("/endpoints/{id}/state", get(endpoint::back).post(endpoint::change))
        .route("/endpoints/{id}/ping", get(endpoint::back).post(endpoint::ping))
        .route("/endpoints/{id}/secret", get(secret::ask).post(secret::rotate))
        .route("/login", get(login::show).post(login::with_password))
        .route("/continue", get(login::again).post(login::as_named))
        .route("/login/{token}", get(login::show_link).post(login::with_link))
        .route("/logout", post(login::out))
        .route("/elevate", get(elevate::show).post(elevate::prove))
        .route("/account", get(account::show))
        .route("/account/password", get(password::show).post(password::change))
        .route("/account/sessions/end", get(account::back).post(account::end_others))
        .route("/account/sessions/{id}/end", get(account::back).post(account::end_one))
        .route("/audit", get(audit::show))
        .merge(assets::router())
        .fallback(|| async { refusal(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { refusal(StatusCode::METHOD_NOT_ALLOWED) })
        // After that line: what is refused below /api is told as all the API tells it.
        .route("/api/docs", get(docs::show))
        .layer(middleware::from_fn_with_state(app.clone(), says_where_it_comes_from))
        .layer(same_origin)
        .layer(policy)
}

/// Stricter than the layer around it: a change that comes with our cookie, or with
/// a proxy's word on who it is, must say from where, as every browser of the last
/// years does. And to that layer http and https of one host are the same origin: a
/// page that anybody on the way can write is not ours.
async fn says_where_it_comes_from(
    State(app): State<App>,
    RemoteUser(named): RemoteUser,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let silent = !headers.contains_key("sec-fetch-site") && !headers.contains_key(header::ORIGIN);
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD);
    let vouched_for = named.is_some() || auth::session_token(headers, &app).is_some();
    let in_clear = app.site.is_https()
        && !headers.contains_key("sec-fetch-site")
        && headers.get(header::ORIGIN).is_some_and(|own| own.as_bytes().starts_with(b"http://"));
    if !harmless && (in_clear || silent && vouched_for) {
        return refusal(StatusCode::FORBIDDEN);
    }
    next.run(request).await
}

impl FromRequestParts<App> for Person {
    type Rejection = WebError;

    /// Somebody who is not signed in is asked to, and comes back.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Person, WebError> {
        let Ok(RemoteUser(named)) = RemoteUser::from_request_parts(parts, app).await;
        // Whom the proxy names now counts, not whom it named before.
        let is_meant = |person: &Person| named.is_none_or(|name| name == person.name);
        if let Some(person) = auth::signed_in(&parts.headers, app).await?.filter(is_meant) {
            return Ok(person);
        }
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let next = if parts.method == Method::GET { here } else { "/" };
        let next: String = byte_serialize(next.as_bytes()).collect();
        Err(WebError::Answer(Box::new(
            Redirect::to(&format!("/login?next={next}")).into_response(),
        )))
    }
}

/// The page that says no.
pub fn refusal(status: StatusCode) -> Response {
    (status, page::error(status, None)).into_response()
}

impl FromRequestParts<App> for Resolver {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Resolver, WebError> {
        let person = Person::from_request_parts(parts, app).await?;
        person.resolver().map_err(|person| WebError::role_needed(&person, Role::Resolver))
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Admin, WebError> {
        let person = Person::from_request_parts(parts, app).await?;
        person.admin().map_err(|person| WebError::role_needed(&person, Role::Admin))
    }
}

impl<P> FromRequestParts<App> for Elevated<P>
where
    P: FromRequestParts<App, Rejection = WebError> + AsRef<Person>,
{
    type Rejection = WebError;

    /// Whoever proves who they are goes on at the same address, by GET.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Elevated<P>, WebError> {
        let person = P::from_request_parts(parts, app).await?;
        Elevated::of(person).map_err(|person| {
            let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            WebError::Answer(Box::new(elevate::refused(person.as_ref(), here)))
        })
    }
}

/// What a person sees instead of the page.
pub enum WebError {
    Error(Error),
    Answer(Box<Response>),
}

impl From<StatusCode> for WebError {
    fn from(status: StatusCode) -> WebError {
        WebError::Answer(Box::new(refusal(status)))
    }
}

impl WebError {
    fn role_needed(person: &Person, needed: Role) -> WebError {
        let page = page::role_needed(person, needed);
        WebError::Answer(Box::new((StatusCode::FORBIDDEN, page).into_response()))
    }
}

impl<E: Into<Error>> From<E> for WebError {
    fn from(error: E) -> WebError {
        WebError::Error(error.into())
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        match self {
            WebError::Answer(answer) => *answer,
            WebError::Error(error) => refusal(error.into_problem().status),
        }
    }
}

/// A page's data: the one JSON value its SQL function gave.
fn data<T: DeserializeOwned>(row: &Row) -> Result<T, Error> {
    serde_json::from_value(row.get(0)).map_err(|error| Error::Internal(error.into()))
}
