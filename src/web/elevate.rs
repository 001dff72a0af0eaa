//! Asking somebody who signed in longer ago who they are, before what matters.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::input::{Form, Query};
use super::login::{self, Return};
use super::{WebError, page};
use crate::app::App;
use crate::auth::{self, Browser, Means, Person};

/// What a page answers that is for those who signed in just now.
pub fn refused(person: &Person, next: &str) -> Response {
    (StatusCode::FORBIDDEN, form(person, next, None)).into_response()
}

pub async fn show(person: Person, Query(back): Query<Return>) -> Markup {
    form(&person, &back.next, None)
}

#[derive(Deserialize)]
pub struct Proof {
    password: String,
    #[serde(default)]
    next: String,
}

pub async fn prove(
    State(app): State<App>,
    person: Person,
    browser: Browser,
    Form(given): Form<Proof>,
) -> Result<Response, WebError> {
    if !person.has_password {
        return Ok(refused(&person, &given.next));
    }
    let page = |words: &str| form(&person, &given.next, Some(words));
    match auth::sign_in(&app, &person.name, given.password, browser, Means::Elevation).await {
        Ok(Some(cookies)) => Ok(login::signed_in(&app, &cookies, &given.next)),
        Ok(None) => {
            let page = page("That is not your password.");
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
        Err(error) => login::slowed(error, page),
    }
}

fn form(person: &Person, next: &str, error: Option<&str>) -> Markup {
    page::card(
        "Is it you?",
        html! {
            h1 { "Is it you?" }
            @if person.has_password {
                p { "You signed in a while ago. This needs your password once more; then you go on where you were." }
                @if let Some(error) = error { (page::form_error(error)) }
                (password(person, next, error.is_some()))
            } @else { (link(person, next)) }
        },
    )
}

fn password(person: &Person, next: &str, wrong: bool) -> Markup {
    html! {
        form method="post" action="/elevate" {
            input type="hidden" name="next" value=(next);
            // For password managers, which look for the name.
            input type="hidden" name="name" value=(person.name) autocomplete="username";
            label for="password" { "Password of " bdi { (person.name) } }
            input #password name="password" type="password" required autofocus autocomplete="current-password"
                aria-describedby=[wrong.then_some("error")];
            button.primary { "Go on" }
            a.button href="/" { "Cancel" }
        }
        p.hint { "Forgotten? Signing in anew, by a link of an admin's, is proof as well." }
    }
}

/// Who has no password has nothing to type.
fn link(person: &Person, next: &str) -> Markup {
    html! {
        p { "You signed in a while ago, or through a proxy, and have no password. This needs a fresh sign-in link." }
        ol {
            li { "Ask an admin for one. On the server, " code { "task-inbox user login-link " (person.name) } " prints it." }
            li { "Open it in this browser." }
            li { "Come back here within 15 minutes." }
        }
        p.actions {
            // What a form had sent is not kept: only a page can be gone on to.
            a.button.primary href=(login::own_path(next)) { "I have done that" }
            a.button href="/" { "Cancel" }
        }
    }
}
