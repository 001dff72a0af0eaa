//! Sending many webhooks again: what is asked, what runs, and asking twice.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::{Timestamp, civil, tz::TimeZone};
use maud::{Markup, html};
use serde::Deserialize;

use super::deliveries::{self, Filter, List, Said};
use super::input::Form;
use super::{WebError, icon, page, time};
use crate::app::App;
use crate::auth::Admin;
use crate::delivery::Replay;
use crate::error::Error;

/// The form that sends many again.
#[derive(Deserialize, Default)]
pub struct Asked {
    state: String,
    #[serde(default)]
    schema: String,
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    until: String,
    /// From the page that asks twice.
    #[serde(default)]
    confirmed: String,
}

pub async fn ask(
    State(app): State<App>,
    person: Admin,
    Form(asked): Form<Asked>,
) -> Result<Response, WebError> {
    let filter = Filter::of("", &asked.schema, &asked.endpoint);
    let (since, until) = match span(&asked, &filter) {
        Ok(span) => span,
        Err(words) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return said_no(&app, &person, &filter, &asked, status, words).await;
        }
    };
    if asked.state == "delivered" && asked.confirmed.is_empty() {
        let list = deliveries::load(&app, &person, &filter, None).await?;
        return Ok(confirm(&list, &asked).into_response());
    }

    let replayed = app
        .db
        .run(
            "select inbox_internal.replay_deliveries($1, $2, $3, $4, $5, $6)",
            &[&person.actor(), &asked.state, &filter.schema, &filter.endpoint, &since, &until],
        )
        .await;
    match replayed {
        Ok(()) => {
            app.wake.replays.notify_one();
            app.wake.after_replay();
            Ok(Redirect::to(&filter.address(None)).into_response())
        }
        Err(Error::Client(problem)) if matches!(problem.status.as_u16(), 409 | 422) => {
            said_no(&app, &person, &filter, &asked, problem.status, &problem.detail).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn said_no(
    app: &App,
    person: &Admin,
    filter: &Filter,
    asked: &Asked,
    status: StatusCode,
    words: &str,
) -> Result<Response, WebError> {
    let list = deliveries::load(app, person, filter, None).await?;
    let said = Said { asked: Some((asked, words)), ..Said::default() };
    Ok((status, deliveries::page(&list, &said, Timestamp::now())).into_response())
}

type Span = (Option<Timestamp>, Option<Timestamp>);

fn span(asked: &Asked, filter: &Filter) -> Result<Span, &'static str> {
    // A list may show more than was asked for; this may not send more.
    if filter.endpoint.is_none() && !asked.endpoint.is_empty() {
        return Err("There is no such endpoint.");
    }
    Ok((moment(&asked.since)?, moment(&asked.until)?))
}

/// As `datetime-local` sends it. The server does not know the reader's zone, so
/// the form says that it is UTC.
fn moment(text: &str) -> Result<Option<Timestamp>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim()
        .parse::<civil::DateTime>()
        .ok()
        .and_then(|time| time.to_zoned(TimeZone::UTC).ok())
        .map(|time| Some(time.timestamp()))
        .ok_or("A time is written as in 2026-11-22T14:05.")
}

/// Those under way, and the last one that ended.
pub fn running(replays: &[Replay], now: Timestamp) -> Markup {
    html! {
        @for replay in replays {
            p.replay {
                @match replay.finished_at {
                    None => { strong { "Sending again" } ": " (replay.done) " so far" }
                    Some(_) => { strong { "Sent again" } ": " (replay.done) }
                }
                ", asked by " bdi { (replay.asked_by) } " " (time::ago(replay.asked_at, now)) "."
            }
        }
    }
}

/// The form, folded until it is wanted or was refused.
pub fn form(list: &List, asked: Option<(&Asked, &str)>) -> Markup {
    let delivered = asked
        .map_or(list.filter.state == Some("delivered"), |(asked, _)| asked.state == "delivered");
    let typed = |field: fn(&Asked) -> &str| asked.map_or("", |(asked, _)| field(asked));
    html! {
        details.again open[asked.is_some()] {
            summary { "Send many again" }
            form method="post" action="/deliveries/replay" {
                @if let Some((_, words)) = asked { (page::refusal(words)) }
                (hidden(&list.filter))
                label for="which" { "Which" }
                select #which name="state" {
                    option value="failed" selected[!delivered] { "All that failed" }
                    option value="delivered" selected[delivered] { "All that were delivered" }
                }
                label for="since" { "Made since (UTC)" }
                input #since name="since" type="datetime-local" value=(typed(|asked| &asked.since)) aria-describedby="span";
                label for="until" { "Made until (UTC)" }
                input #until name="until" type="datetime-local" value=(typed(|asked| &asked.until)) aria-describedby="span";
                p #span.hint { "Empty is without end. " (scope(list)) }
                button { "Send again" }
            }
        }
    }
}

fn hidden(filter: &Filter) -> Markup {
    html! {
        @if let Some(schema) = &filter.schema { input type="hidden" name="schema" value=(schema); }
        @if let Some(endpoint) = filter.endpoint { input type="hidden" name="endpoint" value=(endpoint); }
    }
}

/// Which webhooks are meant, as a sentence.
fn scope(list: &List) -> Markup {
    let Filter { schema, endpoint, .. } = &list.filter;
    let of = endpoint.and_then(|id| list.endpoints.iter().find(|one| one.id == id));
    html! {
        @match (of, schema) {
            (Some(endpoint), _) => { "Only those to " bdi dir="ltr" { (endpoint.url.as_deref().unwrap_or(&endpoint.schema)) } "." }
            (None, Some(schema)) => { "Only those of " (schema) "." }
            (None, None) => { "Those of all schemas that you see." }
        }
    }
}

/// What was accepted once is sent again only on purpose.
fn confirm(list: &List, asked: &Asked) -> Markup {
    page::page(
        "Send delivered webhooks again",
        &list.frame,
        html! {
            article {
                header.top { a.back href=(list.filter.address(None)) { (icon::back()) "Webhooks" } }
                h1 { "Send delivered webhooks again" }
                p {
                    "The app accepted these already and gets each a second time, with the same "
                    code { "webhook-id" } ". It does nothing twice only if it keeps the ids it has seen."
                }
                dl.facts {
                    div { dt { "Which" } dd { (scope(list)) } }
                    div { dt { "Made since" } dd { @if asked.since.is_empty() { "the beginning" } @else { (asked.since) " UTC" } } }
                    div { dt { "Made until" } dd { @if asked.until.is_empty() { "now" } @else { (asked.until) " UTC" } } }
                }
                form.decide method="post" action="/deliveries/replay" {
                    (hidden(&list.filter))
                    input type="hidden" name="state" value="delivered";
                    input type="hidden" name="since" value=(asked.since);
                    input type="hidden" name="until" value=(asked.until);
                    div.moves {
                        p.question { strong { "Send them again" } ": are you sure?" }
                        a.button href=(list.filter.address(None)) { "Cancel" }
                        button.danger name="confirmed" value="yes" { "Send again" }
                    }
                }
            }
        },
    )
}
