//! Signing in, by password or by a link an admin made, and out.

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{Markup, html};
use serde::Deserialize;

use super::input::{Form, Path, Query};
use super::{WebError, page, password};
use crate::app::App;
use crate::auth::{self, Browser, Means, RemoteUser, SignedIn};
use crate::error::{Error, Problem};
use crate::token;

/// Where somebody goes on.
#[derive(Deserialize)]
pub struct Return {
    #[serde(default)]
    pub next: String,
}

/// The form; only a button where a trusted proxy has asked already and says who
/// it is. Looking signs nobody in, so who signs out stays out.
pub async fn show(
    State(app): State<App>,
    RemoteUser(named): RemoteUser,
    Query(back): Query<Return>,
) -> Result<Response, WebError> {
    let Some(name) = named else {
        return Ok(form("", &back.next, None).into_response());
    };
    let sql = "select name from inbox_internal.named_person($1)";
    Ok(match app.db.maybe_row(sql, &[&name]).await? {
        Some(_) => proceed(&name, &back.next).into_response(),
        None => (StatusCode::FORBIDDEN, unknown_here(&name)).into_response(),
    })
}

/// As whom a trusted proxy names, whoever that was when the page was shown.
pub async fn as_named(
    State(app): State<App>,
    RemoteUser(named): RemoteUser,
    browser: Browser,
    Form(back): Form<Return>,
) -> Result<Response, WebError> {
    let Some(name) = named else {
        return Ok(Redirect::to("/login").into_response());
    };
    Ok(match auth::sign_in_named(&app, &name, &browser).await? {
        Some(given) => signed_in(&app, &given, &back.next),
        None => (StatusCode::FORBIDDEN, unknown_here(&name)).into_response(),
    })
}

/// A reload of what the button had answered.
pub async fn again() -> Redirect {
    Redirect::to("/login")
}

#[derive(Deserialize)]
pub struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub async fn with_password(
    State(app): State<App>,
    browser: Browser,
    Form(given): Form<Credentials>,
) -> Result<Response, WebError> {
    let name = given.name.trim().to_lowercase();
    let page = |words: &str| form(&given.name, &given.next, Some(words));
    match auth::sign_in(&app, &name, given.password, browser, Means::Password).await {
        Ok(Some(cookies)) => Ok(signed_in(&app, &cookies, &given.next)),
        Ok(None) => {
            let page = page("Name and password do not match.");
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
        Err(error) => slowed(error, page),
    }
}

/// Who has to wait sees the same page, and for how long.
pub fn slowed(error: Error, page: impl FnOnce(&str) -> Markup) -> Result<Response, WebError> {
    match error {
        Error::Client(problem) if problem.status == StatusCode::TOO_MANY_REQUESTS => {
            let page = page(&problem.detail);
            Ok((problem.status, [(header::RETRY_AFTER, retry_after(&problem))], page)
                .into_response())
        }
        error => Err(error.into()),
    }
}

fn retry_after(problem: &Problem) -> HeaderValue {
    let seconds = problem.members.get("retry_after").and_then(|raw| raw.get().parse().ok());
    HeaderValue::from(seconds.unwrap_or(1_u32))
}

/// Shows a form and signs nobody in: mail scanners follow links.
pub async fn show_link(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let person = app
        .db
        .maybe_row("select name from inbox_internal.login_link_person($1)", &[&token::hash(&token)])
        .await?;
    Ok(match person {
        Some(row) => link(&token, row.get(0)).into_response(),
        None => (StatusCode::NOT_FOUND, link_over()).into_response(),
    })
}

pub async fn with_link(
    State(app): State<App>,
    browser: Browser,
    Path(link): Path<String>,
) -> Result<Response, WebError> {
    Ok(match auth::use_link(&app, &link, &browser).await? {
        Some(used) if used.invited => signed_in(&app, &used.signed_in, password::WELCOME),
        Some(used) => signed_in(&app, &used.signed_in, "/"),
        None => (StatusCode::NOT_FOUND, link_over()).into_response(),
    })
}

pub async fn out(
    State(app): State<App>,
    Browser { address, .. }: Browser,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    if let Some(token) = auth::session_token(&headers, &app) {
        let sql = "select inbox_internal.end_session($1, $2)";
        app.db.run(sql, &[&token::hash(token), &address.0.to_string()]).await?;
    }
    let cookie = [(header::SET_COOKIE, auth::session_cookie(&app, ""))];
    Ok((cookie, Redirect::to("/login")).into_response())
}

/// Always a new session: one that was planted before is worth nothing.
pub fn signed_in(app: &App, given: &SignedIn, next: &str) -> Response {
    let cookies = given.cookies(app).map(|cookie| (header::SET_COOKIE, cookie));
    (AppendHeaders(cookies), Redirect::to(own_path(next))).into_response()
}

/// A path of ours, whatever was asked for: `//evil` and `/\evil` are hosts to a browser.
pub fn own_path(next: &str) -> &str {
    let rest = next.strip_prefix('/');
    let ours = rest.is_some_and(|rest| !rest.starts_with(['/', '\\']));
    if ours && next.chars().all(|c| c.is_ascii_graphic() && c != '\\') { next } else { "/" }
}

/// `name` and `next` are what the form had; `error` is why it comes back.
fn form(name: &str, next: &str, error: Option<&str>) -> Markup {
    page::card(
        "Sign in",
        html! {
            h1 { "Task inbox" }
            @if let Some(error) = error { (page::form_error(error)) }
            form method="post" action="/login" {
                input type="hidden" name="next" value=(next);
                label for="name" { "Name" }
                input #name name="name" value=(name) required autocomplete="username" autocapitalize="none"
                    autocorrect="off" spellcheck="false" aria-describedby=[error.map(|_| "error")];
                label for="password" { "Password" }
                input #password name="password" type="password" required autocomplete="current-password"
                    aria-describedby=[error.map(|_| "error")];
                button.primary { "Sign in" }
            }
            p.hint {
                "No password? Ask an admin for a sign-in link. On the server, "
                code { "task-inbox user login-link NAME" } " prints one."
            }
        },
    )
}

/// For whom the proxy has signed in.
fn proceed(person: &str, next: &str) -> Markup {
    page::card(
        "Sign in",
        html! {
            h1 { "Task inbox" }
            p { "You have signed in already, before you came here." }
            form method="post" action="/continue" {
                input type="hidden" name="next" value=(next);
                button.primary { "Continue as " bdi { (person) } }
            }
        },
    )
}

/// Opening the link signs nobody in: mail scanners open links too. The button does.
fn link(token: &str, person: &str) -> Markup {
    page::card(
        "Sign in",
        html! {
            h1 { "Welcome" }
            p { "This link signs you in on this device. It works once." }
            form method="post" action={ "/login/" (token) } {
                button.primary { "Sign in as " bdi { (person) } }
            }
        },
    )
}

/// The proxy knows them, we do not.
fn unknown_here(name: &str) -> Markup {
    page::card(
        "Not known here",
        html! {
            h1 { "You are not known here" }
            p {
                "You are signed in as " strong { bdi { (name) } }
                ", but nobody of that name may use this inbox. Ask an admin."
            }
            p.code { "Error 403" }
        },
    )
}

fn link_over() -> Markup {
    page::card(
        "Link used or expired",
        html! {
            h1 { "This link no longer works" }
            p { "A sign-in link works once and for a short time. Ask an admin for a new one." }
            p { a.button href="/login" { "Sign in with a password" } }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s14_after_signing_in_one_stays_here() {
        for (next, expected) in [
            ("/tasks/7?x=1", "/tasks/7?x=1"),
            ("/", "/"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("///evil.example", "/"),
            ("/\\/evil.example", "/"),
            ("\\\\evil.example", "/"),
            ("/\r\nset-cookie: ti=evil", "/"),
            ("/\u{ff0f}evil.example", "/"),
            (" //evil.example", "/"),
            ("evil.example", "/"),
            ("https:evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/%09/evil.example", "/%09/evil.example"),
            ("javascript:alert(1)", "/"),
        ] {
            assert_eq!(own_path(next), expected, "{next:?}");
        }
    }
}
