//! A person's own password: chosen after an invitation, or changed.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::input::{Form, Query};
use super::{WebError, login, page};
use crate::app::App;
use crate::auth::password::normal;
use crate::auth::{self, Browser, Elevated, Person};
use crate::error::Error;

/// Where an invitation leads.
pub const WELCOME: &str = "/account/password?welcome=1";

#[derive(Deserialize)]
pub struct Arrival {
    welcome: Option<String>,
}

pub async fn show(person: Elevated<Person>, Query(arrival): Query<Arrival>) -> Markup {
    form(&person, arrival.welcome.is_some(), None)
}

#[derive(Deserialize)]
pub struct New {
    password: String,
    again: String,
    #[serde(default)]
    welcome: bool,
}

pub async fn change(
    State(app): State<App>,
    person: Elevated<Person>,
    browser: Browser,
    Form(new): Form<New>,
) -> Result<Response, WebError> {
    let refused = |status: u16, words: &str| {
        let status = http::StatusCode::from_u16(status).expect("one of ours");
        Ok((status, form(&person, new.welcome, Some(words))).into_response())
    };
    if normal(&new.password) != normal(&new.again) {
        return refused(422, "The two passwords are not the same.");
    }
    match auth::change_password(&app, &person, new.password, &browser).await {
        Ok(Some(given)) => {
            Ok(login::signed_in(&app, &given, if new.welcome { "/" } else { "/account" }))
        }
        // The page says what is lacking: a session, or a second proof.
        Ok(None) => Ok(Redirect::to("/account/password").into_response()),
        Err(Error::Client(problem)) if problem.status.as_u16() == 422 => {
            refused(422, &sentence(&problem.detail))
        }
        Err(error) => Err(error.into()),
    }
}

/// The words of a problem, as a page says them.
fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn form(person: &Person, welcome: bool, error: Option<&str>) -> Markup {
    page::card(
        "Your password",
        html! {
            @if welcome {
                h1 { "Welcome, " bdi { (person.name) } }
                p { "You are signed in. With a password you can sign in again, also on other devices; without one, an admin makes you a link each time." }
            } @else {
                h1 { "Your password" }
                p { "A new password signs you out everywhere else." }
            }
            @if let Some(error) = error { (page::form_error(error)) }
            form method="post" action="/account/password" {
                @if welcome { input type="hidden" name="welcome" value="true"; }
                input type="hidden" name="name" value=(person.name) autocomplete="username";
                label for="password" { "New password, at least 10 characters" }
                input #password name="password" type="password" required minlength="10" maxlength="256"
                    autocomplete="new-password" aria-describedby=[error.map(|_| "error")];
                label for="again" { "Once more" }
                input #again name="again" type="password" required minlength="10" maxlength="256" autocomplete="new-password";
                button.primary { "Set the password" }
                @if welcome { a.button href="/" { "Not now" } } @else { a.button href="/account" { "Cancel" } }
            }
        },
    )
}
