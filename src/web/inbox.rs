//! The lists: what waits for a person, and what was settled.

use axum::extract::State;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::input::Query;
use super::narrow::{self, Filter, Narrowed};
use super::page::{self, Frame, Tab};
use super::{WebError, data, fact, icon, signs, time};
use crate::app::App;
use crate::auth::Person;
use crate::task::{Choices, Row, Shell, TypeCount};

const PAGE: i32 = 20;

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    #[serde(default)]
    types: Vec<TypeCount>,
    #[serde(default)]
    schemas: i32,
    choices: Choices,
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
    Query(Narrowed { filter, after }): Query<Narrowed>,
) -> Result<Markup, WebError> {
    let filter = filter.tidy();
    let after = after.as_deref().and_then(Place::read);
    let row = app
        .db
        .row(
            "select inbox_internal.inbox_page($1, $2, $3, $4, $5, $6)",
            &[
                &person.actor(),
                &Jsonb(&filter),
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
    let list = Page {
        rows: &data.rows,
        types: &data.types,
        choices: &data.choices,
        filter: &filter,
        next: next.as_deref(),
        first_run: data.schemas == 0,
    };
    Ok(waiting(&frame, &list, Timestamp::now()))
}

pub async fn show_done(
    State(app): State<App>,
    person: Person,
    Query(Narrowed { filter, after }): Query<Narrowed>,
) -> Result<Markup, WebError> {
    let filter = filter.tidy();
    let before = after.as_deref().and_then(Place::read);
    let (at, id) = (before.as_ref().map(|place| place.at), before.as_ref().map(|place| place.id));
    let row = app
        .db
        .row(
            "select inbox_internal.done_page($1, $2, $3, $4, $5)",
            &[&person.actor(), &Jsonb(&filter), &at, &id, &PAGE],
        )
        .await?;
    let mut data: Data = data(&row)?;
    let next =
        data.cut().map(|row| Place::of(row, row.settled_at.unwrap_or(row.posted_at)).write());
    let frame = Frame::new(&person, data.shell, Tab::Done);
    let list = Page {
        rows: &data.rows,
        types: &[],
        choices: &data.choices,
        filter: &filter,
        next: next.as_deref(),
        first_run: false,
    };
    Ok(done(&frame, &list, Timestamp::now()))
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

/// One page of a list.
struct Page<'a> {
    rows: &'a [Row],
    types: &'a [TypeCount],
    choices: &'a Choices,
    filter: &'a Filter,
    /// Cursor of the following page.
    next: Option<&'a str>,
    /// Nothing was ever posted: say how to begin.
    first_run: bool,
}

fn waiting(frame: &Frame, list: &Page<'_>, now: Timestamp) -> Markup {
    let narrows = !list.rows.is_empty() || !list.filter.is_empty();
    page::page(
        "Inbox",
        frame,
        html! {
            header.top { h1 { "Inbox" } }
            @if narrows { (narrow::form("/", list.filter, list.choices)) }
            @if list.rows.is_empty() {
                (nothing_waits(list))
            } @else {
                div.listing {
                    @if list.types.len() > 1 { (types(list)) }
                    (rows(list, "/", now))
                }
            }
        },
    )
}

fn done(frame: &Frame, list: &Page<'_>, now: Timestamp) -> Markup {
    page::page(
        "Done",
        frame,
        html! {
            header.top { h1 { "Done" } }
            @if !list.rows.is_empty() || !list.filter.is_empty() {
                (narrow::form("/done", list.filter, list.choices))
            }
            @if list.rows.is_empty() && list.filter.is_empty() {
                div.empty { (icon::done()) h2 { "Nothing settled yet" } p { "What you decide is kept here." } }
            } @else if list.rows.is_empty() {
                div.empty { (icon::done()) h2 { "Nothing like that was settled" } (everything("/done")) }
            } @else {
                div.listing { (rows(list, "/done", now)) }
            }
        },
    )
}

fn everything(path: &str) -> Markup {
    html! { p { a.button href=(path) { "Show everything" } } }
}

fn rows(list: &Page<'_>, path: &str, now: Timestamp) -> Markup {
    let more = list.next.map(|after| list.filter.address(path, Some(after)));
    page::list(html! { @for row in list.rows { (task(row, now)) } }, more.as_deref())
}

fn task(row: &Row, now: Timestamp) -> Markup {
    html! {
        li.task id={ "task-" (row.id) } {
            p.about {
                span.type { (row.type_label) }
                (signs::urgency(row))
                @if !row.resolved && let Some(state) = &row.state_label { span.state { (state) } }
                (time::age(row.settled_at.unwrap_or(row.posted_at), now))
            }
            h2 dir="auto" { a href={ "/tasks/" (row.id) } { (row.title) } }
            (signs::brief(row, now))
            @if row.resolved { (outcome(row)) } @else { (fact::brief(&row.facts)) }
            @if let Some(until) = row.held(now) {
                p.hint { "The app hears of it at " (time::second(until, now)) "." }
            }
        }
    }
}

fn outcome(row: &Row) -> Markup {
    html! {
        p.outcome data-outcome=[row.outcome.as_deref()] {
            (icon::outcome(row.outcome.as_deref()))
            span {
                @match row.resolution.as_deref() {
                    Some("withdrawn") => { strong { "Withdrawn" } },
                    _ => { strong { (row.state_label.as_deref().unwrap_or("Settled")) } },
                }
                @if row.resolution.as_deref() == Some("expired") { ", nobody answered in time" }
                @else if let Some(person) = &row.settled_by { " by " bdi { (person) } }
            }
        }
    }
}

fn types(list: &Page<'_>) -> Markup {
    let all: i64 = list.types.iter().map(|one| one.open).sum();
    let (only, to) = (list.filter.only(), |only| list.filter.of_type(only).address("/", None));
    html! {
        nav.filter aria-label="Types" {
            a href=(to(None)) aria-current=[only.is_none().then_some("true")] { "All " span.count { (all) } }
            @for one in list.types {
                @let this = (one.schema.as_str(), one.ttype.as_str());
                a href=(to(Some(this))) aria-current=[(only == Some(this)).then_some("true")] {
                    (one.label) " " span.count { (one.open) }
                }
            }
        }
    }
}

fn nothing_waits(list: &Page<'_>) -> Markup {
    html! {
        div.empty {
            (icon::inbox())
            h2 { @if list.filter.is_search() { "Nothing like that waits" } @else { "Nothing waits for you" } }
            @if list.filter.is_search() {
                p { "Other tasks may: this list is narrowed." }
                (everything("/"))
            } @else if list.first_run {
                p { "Three steps on the server bring the first task here." }
                ol.steps {
                    li { "Say what your tasks are." code { "task-inbox schema apply schema.yml" } }
                    li { "Make a key for your application." code { "task-inbox api-key create" } }
                    li { "Post a task." code { "task-inbox task post SCHEMA TYPE" } }
                }
            } @else if !list.filter.is_empty() {
                p { "No open task of this type." }
                p { a.button href="/" { "Show all types" } }
            } @else {
                p { "New tasks will be here the next time you look." }
            }
        }
    }
}
