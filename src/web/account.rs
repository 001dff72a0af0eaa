//! A person's own page: who they are here, and where they are signed in.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::input::Path;
use super::page::{self, Frame, Tab};
use super::{WebError, data, device, time};
use crate::app::App;
use crate::auth::{Browser, ClientAddress, Elevated, Person};
use crate::task::Shell;

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    schemas: Option<Vec<String>>,
    password: bool,
    sessions: Vec<Session>,
}

#[derive(Deserialize)]
struct Session {
    id: Uuid,
    user_agent: Option<String>,
    address: Option<String>,
    created_at: Timestamp,
    seen_at: Timestamp,
}

pub async fn show(State(app): State<App>, person: Person) -> Result<Markup, WebError> {
    let row = app.db.row("select inbox_internal.account_page($1)", &[&person.actor()]).await?;
    let data: Data = data(&row)?;
    let frame = Frame::new(&person, data.shell.clone(), Tab::Other);
    Ok(page(&frame, &person, &data, Timestamp::now()))
}

/// One browser. What is over already, or somebody else's, is not there.
pub async fn end_one(
    State(app): State<App>,
    person: Person,
    address: ClientAddress,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = Uuid::try_parse(&id).map_err(|_| WebError::from(StatusCode::NOT_FOUND))?;
    let sql = "select inbox_internal.end_sessions($1, $2, $3, null, null, $4)";
    let row = app.db.row(sql, &[&person.actor(), &person.id, &id, &address.0.to_string()]).await?;
    match row.get::<_, i32>(0) {
        0 => Err(StatusCode::NOT_FOUND.into()),
        _ => Ok(Redirect::to("/account").into_response()),
    }
}

/// All but the one it is asked from.
pub async fn end_others(
    State(app): State<App>,
    person: Elevated<Person>,
    browser: Browser,
) -> Result<Redirect, WebError> {
    let sql = "select inbox_internal.end_sessions($1, $2, null, $3, $4, $5)";
    let (mark_hash, address) = (browser.mark_hash(), browser.address.0.to_string());
    app.db.run(sql, &[&person.actor(), &person.id, &person.session, &mark_hash, &address]).await?;
    Ok(Redirect::to("/account"))
}

/// A reload of what a form had answered.
pub async fn back(_: Person) -> Redirect {
    Redirect::to("/account")
}

fn page(frame: &Frame, person: &Person, data: &Data, now: Timestamp) -> Markup {
    page::page(
        "Account",
        frame,
        html! {
            article {
                header.top { h1 { "Account" } }
                dl.facts {
                    div { dt { "Name" } dd { bdi { (person.name) } } }
                    div { dt { "Role" } dd { (person.role.with_article()) ", who " (person.role.may()) } }
                    div {
                        dt { "Tasks of" }
                        dd { @match &data.schemas { None => { "all schemas" } Some(names) => { (names.join(", ")) } } }
                    }
                    div {
                        dt { "Password" }
                        dd { @if data.password { "set" } @else { "none: you sign in by links" } }
                    }
                }
                p.actions { a.button href="/account/password" { @if data.password { "Change the password" } @else { "Set a password" } } }
                section {
                    h2 { "Where you are signed in" }
                    ul.endpoints.sessions { @for session in &data.sessions { (browser(session, person.session, now)) } }
                    @if data.sessions.len() > 1 {
                        form method="post" action="/account/sessions/end" { button.danger { "Sign out everywhere else" } }
                    }
                }
            }
        },
    )
}

fn browser(session: &Session, here: Uuid, now: Timestamp) -> Markup {
    html! {
        li.endpoint id={ "session-" (session.id) } {
            p.about {
                strong { (device::name(session.user_agent.as_deref().unwrap_or_default())) }
                @if session.id == here { strong.condition data-condition="good" { "this device" } }
            }
            p.hint {
                "Used " (time::ago(session.seen_at, now)) ", signed in " (time::ago(session.created_at, now))
                @if let Some(address) = &session.address { ", from " bdi dir="ltr" { (address) } }
            }
            @if session.id == here {
                form.actions method="post" action="/logout" { button { "Sign out" } }
            } @else {
                form.actions method="post" action={ "/account/sessions/" (session.id) "/end" } { button { "Sign out there" } }
            }
        }
    }
}
