//! A new signing secret for the webhooks of a schema, shown once.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::deliveries::{self, Filter};
use super::endpoint::endpoint_id;
use super::input::{Form, Path};
use super::page::{self, Frame};
use super::{WebError, icon, time};
use crate::app::App;
use crate::auth::{Admin, Elevated};
use crate::delivery::Endpoint;
use crate::error::Error;
use crate::secret::{Rotated, rotate_webhook_secret};

/// How long the old secret signs beside the new one.
const GRACES: [(i32, &str); 4] = [
    (86_400, "24 hours more"),
    (3_600, "1 hour more"),
    (604_800, "7 days more"),
    (0, "not at all: it ends now"),
];

#[derive(Deserialize)]
pub struct Grace {
    grace: i32,
}

async fn load(app: &App, person: &Admin, id: i32) -> Result<(Frame, Endpoint), WebError> {
    let filter = Filter { endpoint: Some(id), ..Filter::default() };
    let list = deliveries::load(app, person, &filter, None).await?;
    let endpoint = list.endpoints.into_iter().find(|endpoint| endpoint.id == id);
    let endpoint = endpoint.ok_or_else(|| WebError::from(http::StatusCode::NOT_FOUND))?;
    Ok((list.frame, endpoint))
}

pub async fn ask(
    State(app): State<App>,
    person: Elevated<Admin>,
    Path(id): Path<String>,
) -> Result<Markup, WebError> {
    let (frame, endpoint) = load(&app, &person, endpoint_id(&id)?).await?;
    Ok(form(&frame, &endpoint, GRACES[0].0, None, Timestamp::now()))
}

pub async fn rotate(
    State(app): State<App>,
    person: Elevated<Admin>,
    Path(id): Path<String>,
    Form(Grace { grace }): Form<Grace>,
) -> Result<Response, WebError> {
    let (frame, endpoint) = load(&app, &person, endpoint_id(&id)?).await?;
    let rotated =
        rotate_webhook_secret(&app.db, &app.sealer, &person.actor(), &endpoint.schema, grace, None)
            .await;
    match rotated {
        Ok(rotated) => {
            Ok(shown_once(&frame, &endpoint, &rotated, Timestamp::now()).into_response())
        }
        Err(Error::Client(problem)) if matches!(problem.status.as_u16(), 409 | 422) => {
            let page = form(&frame, &endpoint, grace, Some(&problem.detail), Timestamp::now());
            Ok((problem.status, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn form(
    frame: &Frame,
    endpoint: &Endpoint,
    chosen: i32,
    refused: Option<&str>,
    now: Timestamp,
) -> Markup {
    page::page(
        "New signing secret",
        frame,
        html! {
            article {
                header.top { a.back href="/deliveries" { (icon::back()) "Webhooks" } }
                h1 { "New signing secret for " (endpoint.schema) }
                p { "All webhooks of this schema are signed with it. Give it to the application while the old one still signs too." }
                @if let Some(until) = endpoint.old_secret_until.filter(|until| *until > now) {
                    p.hint {
                        "It was changed lately: the secret before still signs until " (time::clock(until, now))
                        ". Before that, a new one can only be made if both end now."
                    }
                }
                form.decide method="post" action={ "/endpoints/" (endpoint.id) "/secret" } {
                    div.field {
                        label for="grace" { "The old secret signs" }
                        select #grace name="grace" {
                            @for (seconds, words) in GRACES {
                                option value=(seconds) selected[seconds == chosen] { (words) }
                            }
                        }
                    }
                    div.moves {
                        (page::answer(refused))
                        p.question { strong { "Make a new secret" } ": are you sure?" }
                        a.button href="/deliveries" { "Cancel" }
                        button.danger { "Make a new secret" }
                    }
                }
            }
        },
    )
}

fn shown_once(frame: &Frame, endpoint: &Endpoint, rotated: &Rotated, now: Timestamp) -> Markup {
    page::page(
        "New signing secret",
        frame,
        html! {
            article {
                header.top { a.back href="/deliveries" { (icon::back()) "Webhooks" } }
                h1 { "New signing secret for " (endpoint.schema) }
                p { "It is shown this once. Give it to the application as its signing secret." }
                p.secret { code #secret dir="ltr" { (rotated.signing) } }
                // app.js shows it where a page may write to the clipboard.
                button.copy type="button" data-copies="secret" hidden { "Copy" }
                p.hint {
                    @match rotated.old_until {
                        Some(until) => { "The old secret signs as well until " (time::clock(until, now)) "." }
                        None => { "The old secret signs no more." }
                    }
                }
                div.moves { a.button.primary href="/deliveries" { "I have it" } }
            }
        },
    )
}
