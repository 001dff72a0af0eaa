//! The lists: what waits for a person, and what was settled.

use axum::extract::State;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::input::Query;
use super::page::{self, Frame, Tab};
use super::{WebError, data, fact, icon, time};
use crate::app::App;
use crate::auth::Person;
use crate::task::{Row, Shell, TypeCount};

const PAGE: i32 = 20;

#[derive(Deserialize)]
pub struct Narrowed {
    schema: Option<String>,
    r#type: Option<String>,
    after: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    #[serde(default)]
    types: Vec<TypeCount>,
    #[serde(default)]
    schemas: i32,
    rows: Vec<Row>,
}

impl Data {
    /// One row more than a page was asked for: whether there is a next one.
    fn cut(&mut self) -> Option<&Row> {
        let more = self.rows.len() > PAGE as usize;
        self.rows.truncate(PAGE as usize);
        self.rows.last().filter(|_| more)
    }
}

pub async fn show(
    State(app): State<App>,
    person: Person,
    Query(narrowed): Query<Narrowed>,
) -> Result<Markup, WebError> {
    let after = narrowed.after.as_deref().and_then(Place::read);
    let row = app
        .db
        .row(
            "select inbox_internal.inbox_page($1, $2, $3, $4, $5, $6)",
            &[
                &person.actor(),
                &json!({"schema": &narrowed.schema, "type": &narrowed.r#type}),
                &after.as_ref().map(|place| &place.urgency),
                &after.as_ref().map(|place| place.at),
                &after.as_ref().map(|place| place.id),
                &PAGE,
            ],
        )
        .await?;
    let mut data: Data = data(&row)?;
    let next = data.cut().map(|row| Place::of(row, row.posted_at).write());
    let frame = Frame::new(&person, data.shell, Tab::Inbox);
    let list = Waiting {
        rows: &data.rows,
        types: &data.types,
        only: narrowed.schema.as_deref().zip(narrowed.r#type.as_deref()),
        next: next.as_deref(),
        first_run: data.schemas == 0,
    };
    Ok(waiting(&frame, &list, Timestamp::now()))
}

pub async fn show_done(
    State(app): State<App>,
    person: Person,
    Query(narrowed): Query<Narrowed>,
) -> Result<Markup, WebError> {
    let before = narrowed.after.as_deref().and_then(Place::read);
    let (at, id) = (before.as_ref().map(|place| place.at), before.as_ref().map(|place| place.id));
    let row = app
        .db
        .row(
            "select inbox_internal.done_page($1, '{}', $2, $3, $4)",
            &[&person.actor(), &at, &id, &PAGE],
        )
        .await?;
    let mut data: Data = data(&row)?;
    let next =
        data.cut().map(|row| Place::of(row, row.settled_at.unwrap_or(row.posted_at)).write());
    let frame = Frame::new(&person, data.shell, Tab::Done);
    Ok(done(&frame, &data.rows, next.as_deref(), Timestamp::now()))
}

/// Where the next page begins. A place that cannot be read is the beginning.
struct Place {
    urgency: String,
    at: Timestamp,
    id: Uuid,
}

impl Place {
    fn of(row: &Row, at: Timestamp) -> Place {
        Place { urgency: row.urgency.clone(), at, id: row.id }
    }

    fn write(&self) -> String {
        format!("{}~{}~{}", self.urgency, self.at.as_microsecond(), self.id)
    }

    fn read(text: &str) -> Option<Place> {
        let mut parts = text.split('~');
        let urgency =
            parts.next().filter(|word| matches!(*word, "low" | "normal" | "high" | "critical"))?;
        let at = Timestamp::from_microsecond(parts.next()?.parse().ok()?).ok()?;
        let at = Some(at).filter(|at| *at >= Timestamp::UNIX_EPOCH)?;
        let id = Uuid::try_parse(parts.next()?).ok()?;
        Some(Place { urgency: urgency.to_owned(), at, id })
    }
}

/// One page of what waits.
struct Waiting<'a> {
    rows: &'a [Row],
    types: &'a [TypeCount],
    /// Schema and type the list is narrowed to.
    only: Option<(&'a str, &'a str)>,
    /// Cursor of the following page.
    next: Option<&'a str>,
    /// Nothing was ever posted: say how to begin.
    first_run: bool,
}

fn waiting(frame: &Frame, list: &Waiting<'_>, now: Timestamp) -> Markup {
    let more = list.next.map(|after| address("/", list.only, Some(after)));
    page::page(
        "Inbox",
        frame,
        html! {
            header.top { h1 { "Inbox" } }
            @if list.rows.is_empty() {
                (nothing_waits(list))
            } @else {
                div.listing {
                    @if list.types.len() > 1 { (filter(list)) }
                    (rows(list.rows, more.as_deref(), now))
                }
            }
        },
    )
}

fn done(frame: &Frame, list: &[Row], next: Option<&str>, now: Timestamp) -> Markup {
    let more = next.map(|after| address("/done", None, Some(after)));
    page::page(
        "Done",
        frame,
        html! {
            header.top { h1 { "Done" } }
            @if list.is_empty() {
                div.empty { (icon::done()) h2 { "Nothing settled yet" } p { "What you decide is kept here." } }
            } @else {
                div.listing { (rows(list, more.as_deref(), now)) }
            }
        },
    )
}

fn rows(rows: &[Row], more: Option<&str>, now: Timestamp) -> Markup {
    page::list(html! { @for row in rows { (task(row, now)) } }, more)
}

fn task(row: &Row, now: Timestamp) -> Markup {
    html! {
        li.task id={ "task-" (row.id) } {
            p.about {
                span.type { (row.type_label) }
                (urgency(row))
                @if !row.resolved && let Some(state) = &row.state_label { span.state { (state) } }
                (time::age(row.settled_at.unwrap_or(row.posted_at), now))
            }
            h2 dir="auto" { a href={ "/tasks/" (row.id) } { (row.title) } }
            @if row.resolved { (outcome(row)) } @else { (fact::brief(&row.facts)) }
            @if let Some(until) = row.held(now) {
                p.hint { "The app hears of it at " (time::second(until, now)) "." }
            }
        }
    }
}

/// Said only when it matters: most tasks are of normal urgency.
pub fn urgency(row: &Row) -> Markup {
    html! {
        @match row.urgency.as_str() {
            "critical" => { strong.urgency.critical { "Critical" } }
            "high" => { strong.urgency.high { "High" } }
            _ => {}
        }
    }
}

fn outcome(row: &Row) -> Markup {
    html! {
        p.outcome data-outcome=[row.outcome.as_deref()] {
            (icon::outcome(row.outcome.as_deref()))
            span {
                strong { (row.state_label.as_deref().unwrap_or("Settled")) }
                @if let Some(person) = &row.settled_by { " by " bdi { (person) } }
            }
        }
    }
}

fn filter(list: &Waiting<'_>) -> Markup {
    let all: i64 = list.types.iter().map(|one| one.open).sum();
    html! {
        nav.filter aria-label="Types" {
            a href="/" aria-current=[list.only.is_none().then_some("true")] { "All " span.count { (all) } }
            @for one in list.types {
                @let only = (one.schema.as_str(), one.ttype.as_str());
                @let current = list.only == Some(only);
                a href=(address("/", Some(only), None)) aria-current=[current.then_some("true")] {
                    (one.label) " " span.count { (one.open) }
                }
            }
        }
    }
}

fn nothing_waits(list: &Waiting<'_>) -> Markup {
    html! {
        div.empty {
            (icon::inbox())
            h2 { "Nothing waits for you" }
            @if list.first_run {
                p { "Three steps on the server bring the first task here." }
                ol.steps {
                    li { "Say what your tasks are." code { "task-inbox schema apply schema.yml" } }
                    li { "Make a key for your application." code { "task-inbox api-key create" } }
                    li { "Post a task." code { "task-inbox task post SCHEMA TYPE" } }
                }
            } @else if list.only.is_some() {
                p { "No open task of this type." }
                p { a.button href="/" { "Show all types" } }
            } @else {
                p { "New tasks will be here the next time you look." }
            }
        }
    }
}

fn address(path: &str, only: Option<(&str, &str)>, after: Option<&str>) -> String {
    let mut query = Serializer::new(String::new());
    if let Some((schema, ttype)) = only {
        query.append_pair("schema", schema).append_pair("type", ttype);
    }
    if let Some(after) = after {
        query.append_pair("after", after);
    }
    format!("{path}?{}", query.finish())
}
