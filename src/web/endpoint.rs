//! Where webhooks go, as cards for admins: how each does, and what is posted from it.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::deliveries::{self, Filter, Said};
use super::input::{Form, Path};
use super::{WebError, icon, time};
use crate::app::App;
use crate::auth::Admin;
use crate::delivery::Endpoint;
use crate::error::Error;
use crate::worker::{self, Ping};

/// An answer to a ping, under the card of its endpoint.
#[derive(Clone, Copy)]
pub struct Pinged<'a> {
    pub endpoint_id: i32,
    pub ping: &'a Ping,
}

pub fn endpoint_id(text: &str) -> Result<i32, WebError> {
    text.parse().map_err(|_| WebError::from(StatusCode::NOT_FOUND))
}

#[derive(Deserialize)]
pub struct Change {
    state: String,
}

pub async fn change(
    State(app): State<App>,
    person: Admin,
    Path(id): Path<String>,
    Form(change): Form<Change>,
) -> Result<Response, WebError> {
    let id = endpoint_id(&id)?;
    let changed = app
        .db
        .run(
            "select inbox_internal.change_endpoint($1, $2, $3)",
            &[&person.actor(), &id, &change.state],
        )
        .await;
    match changed {
        Ok(()) => {
            app.wake.after_event(true);
            Ok(Redirect::to("/deliveries").into_response())
        }
        Err(error) => refused(&app, &person, error).await,
    }
}

pub async fn ping(
    State(app): State<App>,
    person: Admin,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = endpoint_id(&id)?;
    match worker::ping(&app.db, &app.sealer, &app.sender, &person.actor(), id).await {
        Ok(ping) => {
            let said =
                Said { pinged: Some(Pinged { endpoint_id: id, ping: &ping }), ..Said::default() };
            let list = deliveries::load(&app, &person, &Filter::default(), None).await?;
            Ok(deliveries::page(&list, &said, Timestamp::now()).into_response())
        }
        Err(error) => refused(&app, &person, error).await,
    }
}

/// What cannot be done now is said above the list; the rest has a page of its own.
async fn refused(app: &App, person: &Admin, error: Error) -> Result<Response, WebError> {
    match error {
        Error::Client(problem) if !matches!(problem.status.as_u16(), 403 | 404) => {
            let list = deliveries::load(app, person, &Filter::default(), None).await?;
            let said = Said { refusal: Some(&problem.detail), ..Said::default() };
            Ok((problem.status, deliveries::page(&list, &said, Timestamp::now())).into_response())
        }
        error => Err(error.into()),
    }
}

/// A reload of what a form had answered.
pub async fn back(_: Admin) -> Redirect {
    Redirect::to("/deliveries")
}

pub fn cards<'a>(
    endpoints: impl Iterator<Item = &'a Endpoint>,
    pinged: Option<Pinged<'_>>,
    now: Timestamp,
) -> Markup {
    html! {
        ul.endpoints aria-label="Where they go" {
            @for endpoint in endpoints {
                li.endpoint id={ "endpoint-" (endpoint.id) } { (card(endpoint, pinged, now)) }
            }
        }
    }
}

fn card(endpoint: &Endpoint, pinged: Option<Pinged<'_>>, now: Timestamp) -> Markup {
    let condition = Condition::of(endpoint, now);
    html! {
        p.about {
            strong.condition data-condition=(condition.kind) { (condition.word) }
            span.type { (endpoint.schema) @if let Some(only) = &endpoint.task_type { ", only " (only) } }
        }
        h2.address dir="ltr" { (endpoint.url.as_deref().unwrap_or("No address")) }
        @if let Some(trouble) = &condition.trouble { p { (trouble) } }
        @if let Some(until) = endpoint.old_secret_until.filter(|until| *until > now) {
            p.hint { "The old secret signs as well until " (time::clock(until, now)) "." }
        }
        (counts(endpoint, now))
        @if let Some(pinged) = pinged.filter(|pinged| pinged.endpoint_id == endpoint.id) { (told(pinged.ping)) }
        (actions(endpoint))
    }
}

fn counts(endpoint: &Endpoint, now: Timestamp) -> Markup {
    let link = |state| format!("/deliveries?endpoint={}&state={state}", endpoint.id);
    html! {
        p.counts {
            @if endpoint.owed == 0 && endpoint.failed == 0 { span { "Nothing waits, nothing failed." } }
            @if endpoint.owed > 0 {
                span {
                    strong.figure { (endpoint.owed) } " to be sent"
                    @if let Some(oldest) = endpoint.oldest_owed { ", the oldest " (time::ago(oldest, now)) }
                }
            }
            @if endpoint.failed > 0 { a href=(link("failed")) { strong.figure { (endpoint.failed) } " failed" } }
        }
    }
}

fn actions(endpoint: &Endpoint) -> Markup {
    let path = format!("/endpoints/{}", endpoint.id);
    // One card after another says the same to who does not see them.
    let which = html! { span.unseen { " " (endpoint.schema) " " (endpoint.task_type.as_deref().unwrap_or_default()) } };
    let (state, word) = match endpoint.state.as_str() {
        "paused" | "disabled" => ("enabled", "Enable"),
        _ => ("paused", "Pause"),
    };
    html! {
        div.actions {
            @if endpoint.url.is_some() {
                form method="post" action={ (path) "/ping" } { button { "Ping" (which) } }
            }
            @if endpoint.state == "open" { (switch(&path, "enabled", "Try all now", &which)) }
            (switch(&path, state, word, &which))
            @if endpoint.has_secret { a.button href={ (path) "/secret" } { "New secret" (which) } }
        }
    }
}

fn switch(path: &str, state: &str, word: &str, which: &Markup) -> Markup {
    html! {
        form method="post" action={ (path) "/state" } {
            button name="state" value=(state) { (word) (which) }
        }
    }
}

fn told(ping: &Ping) -> Markup {
    let took = time::measured(ping.milliseconds);
    html! {
        div.ping role="status" tabindex="-1" autofocus {
            p {
                (icon::outcome(Some(if ping.accepted { "positive" } else { "negative" })))
                span {
                    @match (ping.accepted, ping.status, &ping.error) {
                        (true, status, _) => {
                            "The ping was accepted in " (took)
                            @if let Some(status) = status { ", answered " (status) } "."
                        }
                        (false, _, Some(error)) => { "The ping failed after " (took) ": " (error) "." }
                        (false, status, None) => {
                            "The ping failed after " (took)
                            @if let Some(status) = status { ", answered " (status) } "."
                        }
                    }
                }
            }
            @if let Some(response) = ping.response.as_deref().filter(|text| !text.is_empty()) {
                pre.raw tabindex="0" aria-label="What the receiver answered" { (response) }
            }
        }
    }
}

/// How an endpoint does: in a colour, in a word, and what is wrong in a sentence.
struct Condition {
    /// good waits bad
    kind: &'static str,
    word: &'static str,
    trouble: Option<Markup>,
}

impl Condition {
    fn of(endpoint: &Endpoint, now: Timestamp) -> Condition {
        let bad = |word, trouble| Condition { kind: "bad", word, trouble: Some(trouble) };
        let waits = |word, trouble| Condition { kind: "waits", word, trouble: Some(trouble) };
        let reason = html! { @if let Some(reason) = &endpoint.reason { ": " (reason) } };
        match endpoint.state.as_str() {
            "disabled" => {
                return bad(
                    "Stopped",
                    html! { "It is stopped" (reason) ". What is owed is kept until it is enabled." },
                );
            }
            "paused" => {
                return waits(
                    "Paused",
                    html! { @match &endpoint.reason { Some(reason) => { "It is " (reason) }, None => { "It is paused" } } ". What is owed is kept until it is enabled." },
                );
            }
            _ => {}
        }
        if !endpoint.has_secret {
            let command = format!("task-inbox webhook-secret create {}", endpoint.schema);
            return bad(
                "No secret",
                html! { "There is no signing secret yet. Run " code { (command) } },
            );
        }
        if !endpoint.sendable {
            return bad("Blocked", html! { "Nothing can be sent" (reason) "." });
        }
        if endpoint.state == "open" {
            return bad("Failing", failing(endpoint, now));
        }
        if let Some(until) = endpoint.quiet_until.filter(|until| *until > now) {
            return waits(
                "Asked for quiet",
                html! { "The receiver asked to be left alone until " (time::clock(until, now)) "." },
            );
        }
        if endpoint.failures > 0 {
            return waits("Failing", failing(endpoint, now));
        }
        Condition { kind: "good", word: "Working", trouble: None }
    }
}

fn failing(endpoint: &Endpoint, now: Timestamp) -> Markup {
    html! {
        @if endpoint.failures == 1 { "The last try failed" } @else { "The last " (endpoint.failures) " tries failed" }
        @if let Some(since) = endpoint.failing_since { ", the first " (time::ago(since, now)) }
        "."
        @if let Some(next) = endpoint.open_until.filter(|next| *next > now) { " The next goes out at " (time::clock(next, now)) "." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-22T{time}Z").parse().unwrap()
    }

    fn working() -> Endpoint {
        Endpoint {
            id: 1,
            schema: "shop".into(),
            task_type: None,
            url: Some("https://shop.example/hook".into()),
            state: "enabled".into(),
            reason: None,
            sendable: true,
            open_until: None,
            failing_since: None,
            failures: 0,
            quiet_until: None,
            owed: 0,
            failed: 0,
            oldest_owed: None,
            has_secret: true,
            old_secret_until: None,
        }
    }

    #[test]
    fn what_is_wrong_with_an_endpoint_is_said_in_a_word_and_a_sentence() {
        let reason = |text: &str| Some(text.to_owned());
        let open = Endpoint {
            state: "open".into(),
            failures: 7,
            failing_since: Some(at("11:00:00")),
            open_until: Some(at("14:05:00")),
            ..working()
        };
        let stopped = Endpoint {
            state: "disabled".into(),
            reason: reason("the receiver answered 410"),
            ..working()
        };
        let paused =
            Endpoint { state: "paused".into(), reason: reason("paused by ana"), ..working() };
        let blocked =
            Endpoint { sendable: false, reason: reason("address: 10.0.0.5"), ..working() };
        for (endpoint, kind, word, sentence) in [
            (working(), "good", "Working", ""),
            (
                open,
                "bad",
                "Failing",
                "The last 7 tries failed, the first 3 h ago. The next goes out at 14:05 UTC.",
            ),
            (
                stopped,
                "bad",
                "Stopped",
                "It is stopped: the receiver answered 410. What is owed is kept until it is enabled.",
            ),
            (
                paused,
                "waits",
                "Paused",
                "It is paused by ana. What is owed is kept until it is enabled.",
            ),
            (blocked, "bad", "Blocked", "Nothing can be sent: address: 10.0.0.5."),
            (
                Endpoint { has_secret: false, sendable: false, ..working() },
                "bad",
                "No secret",
                "There is no signing secret yet. Run task-inbox webhook-secret create shop",
            ),
            (
                Endpoint { quiet_until: Some(at("14:05:00")), ..working() },
                "waits",
                "Asked for quiet",
                "The receiver asked to be left alone until 14:05 UTC.",
            ),
            (Endpoint { failures: 1, ..working() }, "waits", "Failing", "The last try failed."),
        ] {
            let condition = Condition::of(&endpoint, at("14:00:00"));
            let told = condition.trouble.map_or_else(String::new, Markup::into_string);
            let words: String = told
                .split('<')
                .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
                .collect();
            assert_eq!((condition.kind, condition.word, words.as_str()), (kind, word, sentence));
        }
    }
}
