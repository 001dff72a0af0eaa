//! One webhook, for admins: what was sent, every try, and sending it again.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::input::Path;
use super::page::{self, Frame, Tab};
use super::{WebError, data, deliveries, history, icon, pretty, time};
use crate::app::App;
use crate::auth::Admin;
use crate::delivery::{DeliveryPage, Try};
use crate::error::Error;
use crate::task::Shell;

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    delivery: DeliveryPage,
}

fn delivery_id(text: &str) -> Result<i64, WebError> {
    text.parse().map_err(|_| WebError::from(StatusCode::NOT_FOUND))
}

async fn load(app: &App, person: &Admin, id: i64) -> Result<(Frame, DeliveryPage), WebError> {
    let row =
        app.db.row("select inbox_internal.delivery_page($1, $2)", &[&person.actor(), &id]).await?;
    let Data { shell, delivery } = data(&row)?;
    Ok((Frame::new(person, shell, Tab::Other), delivery))
}

pub async fn show(
    State(app): State<App>,
    person: Admin,
    Path(id): Path<String>,
) -> Result<Markup, WebError> {
    let (frame, delivery) = load(&app, &person, delivery_id(&id)?).await?;
    Ok(page(&frame, &delivery, None, Timestamp::now()))
}

pub async fn retry(
    State(app): State<App>,
    person: Admin,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = delivery_id(&id)?;
    let retried =
        app.db.run("select inbox_internal.retry_delivery($1, $2)", &[&person.actor(), &id]).await;
    match retried {
        Ok(()) => {
            app.wake.after_event(true);
            Ok(Redirect::to(&format!("/deliveries/{id}")).into_response())
        }
        Err(Error::Client(problem)) if matches!(problem.status.as_u16(), 409 | 410 | 422) => {
            let (frame, delivery) = load(&app, &person, id).await?;
            let page = page(&frame, &delivery, Some(&problem.detail), Timestamp::now());
            Ok((problem.status, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// A reload of what the form had answered.
pub async fn back(_: Admin, Path(id): Path<String>) -> Result<Redirect, WebError> {
    Ok(Redirect::to(&format!("/deliveries/{}", delivery_id(&id)?)))
}

fn page(frame: &Frame, delivery: &DeliveryPage, refused: Option<&str>, now: Timestamp) -> Markup {
    let listed = &delivery.listed;
    let title = format!("{}: {}", history::subject(&listed.delivery.kind), listed.task_title);
    page::page(
        &title,
        frame,
        html! {
            article {
                header.top { a.back href="/deliveries" { (icon::back()) "Webhooks" } }
                p.about {
                    (deliveries::condition(&listed.delivery))
                    span { (history::subject(&listed.delivery.kind)) }
                    span.type { (listed.schema) }
                    (time::age(listed.delivery.created_at, now))
                }
                h1 dir="auto" { a href={ "/tasks/" (listed.task_id) } { (listed.task_title) } }
                p.fate { (history::fate(&listed.delivery, now)) "." }
                (request(delivery))
                (tries(&delivery.tries, now))
                (again(delivery, refused))
            }
        },
    )
}

fn request(delivery: &DeliveryPage) -> Markup {
    let listed = &delivery.listed;
    html! {
        section.request {
            h2 { "What is sent" }
            dl.facts {
                div.long { dt { "To" } dd.address dir="ltr" { (listed.url.as_deref().unwrap_or("no address")) } }
                div.long { dt { "webhook-id" } dd.address dir="ltr" { (delivery.webhook_id) } }
                div { dt { "Type" } dd { (listed.delivery.kind) ", number " (listed.delivery.sequence) " of its task" } }
            }
            @match &delivery.body {
                Some(body) => {
                    pre.raw tabindex="0" dir="ltr" aria-label="Body, with line breaks added" { (pretty::json(body)) }
                }
                None => { p.hint { "Its content was deleted." } }
            }
        }
    }
}

fn tries(tries: &[Try], now: Timestamp) -> Markup {
    html! {
        section.tries {
            h2 { "Tries" }
            @if tries.is_empty() { p.hint { "None yet." } }
            ol { @for one in tries.iter().rev() { li data-state=(if accepted(one) { "delivered" } else { "failed" }) { (told(one, now)) } } }
        }
    }
}

fn accepted(one: &Try) -> bool {
    one.status.is_some_and(|status| (200..300).contains(&status))
}

fn told(one: &Try, now: Timestamp) -> Markup {
    html! {
        p {
            strong {
                @match (one.status, one.milliseconds) {
                    (Some(status), _) if accepted(one) => { "Accepted, answered " (status) }
                    (Some(status), _) => { "Answered " (status) }
                    (None, Some(_)) => { "No answer" }
                    (None, None) => { "No answer yet" }
                }
            }
            @if let Some(milliseconds) = one.milliseconds { " in " (time::measured(milliseconds)) }
            ", " (time::second(one.started_at, now))
            @if one.trigger == "manual" { ", sent by hand" }
            @if let Some(address) = &one.remote_address { ", to " bdi dir="ltr" { (address) } }
        }
        @if let Some(error) = one.error.as_deref().filter(|error| !says_only_the_status(error, one)) {
            p.hint dir="auto" { (error) }
        }
        @if let Some(response) = one.response.as_deref().filter(|text| !text.trim().is_empty()) {
            pre.raw tabindex="0" aria-label="What the receiver answered" { (response) }
        }
    }
}

/// "answered 500", which the line above has said.
fn says_only_the_status(error: &str, one: &Try) -> bool {
    one.status.is_some_and(|status| error == format!("answered {status}"))
}

fn again(delivery: &DeliveryPage, refused: Option<&str>) -> Markup {
    let word = match delivery.listed.delivery.state.as_str() {
        "delivered" | "failed" => Some("Send again"),
        "owed" | "parked" | "blocked" | "paused" => Some("Try now"),
        // It is on its way, can still be taken back, or was.
        _ => None,
    };
    html! {
        @if let Some(word) = word {
            form.decide method="post" action={ "/deliveries/" (delivery.listed.delivery.id) "/retry" } {
                div.moves {
                    (page::answer(refused))
                    @if delivery.body.is_some() {
                        button.primary { (word) }
                    } @else {
                        p.hint { "It cannot be sent again: its content was deleted." }
                    }
                }
            }
        } @else if let Some(words) = refused {
            div.moves { (page::answer(Some(words))) }
        }
    }
}
