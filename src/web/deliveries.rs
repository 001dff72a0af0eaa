//! All webhooks, for admins: what is owed, what failed, and what is sent again.

use axum::extract::State;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::endpoint::{self, Pinged};
use super::input::Query;
use super::page::{self, Frame, Tab};
use super::replay::{self, Asked};
use super::{WebError, data, history, icon, time};
use crate::app::App;
use crate::auth::Admin;
use crate::delivery::{Delivery, Endpoint, Listed, Replay};
use crate::task::Shell;

const PAGE: i32 = 20;

/// The states a list can be narrowed to, what needs somebody first.
const STATES: [(&str, &str); 9] = [
    ("failed", "Failed"),
    ("blocked", "Blocked"),
    ("paused", "Paused"),
    ("owed", "To be sent"),
    ("held", "Held back"),
    ("parked", "In line"),
    ("leased", "Being sent"),
    ("delivered", "Delivered"),
    ("void", "Taken back"),
];

/// The part of a query or form that narrows. What makes no sense narrows nothing.
#[derive(Deserialize, Default)]
pub struct Narrowed {
    #[serde(default)]
    state: String,
    #[serde(default)]
    schema: String,
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    before: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<&'static str>,
    pub schema: Option<String>,
    pub endpoint: Option<i32>,
}

impl Filter {
    pub fn of(state: &str, schema: &str, endpoint: &str) -> Filter {
        Filter {
            state: STATES.iter().map(|(state, _)| *state).find(|known| *known == state),
            schema: Some(schema.trim().to_owned()).filter(|schema| !schema.is_empty()),
            endpoint: endpoint.parse().ok(),
        }
    }

    pub fn address(&self, before: Option<i64>) -> String {
        let mut query = Serializer::new(String::new());
        if let Some(state) = self.state {
            query.append_pair("state", state);
        }
        if let Some(schema) = &self.schema {
            query.append_pair("schema", schema);
        }
        if let Some(endpoint) = self.endpoint {
            query.append_pair("endpoint", &endpoint.to_string());
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        match query.finish() {
            empty if empty.is_empty() => "/deliveries".to_owned(),
            query => format!("/deliveries?{query}"),
        }
    }

    fn with_state(&self, state: Option<&'static str>) -> Filter {
        Filter { state, ..self.clone() }
    }
}

/// Everything the page shows.
pub struct List {
    pub frame: Frame,
    pub endpoints: Vec<Endpoint>,
    deliveries: Vec<Listed>,
    replays: Vec<Replay>,
    pub filter: Filter,
    before: Option<i64>,
    next: Option<i64>,
}

impl List {
    /// The endpoints it is about.
    fn meant(&self) -> impl Iterator<Item = &Endpoint> {
        let only = self.filter.endpoint;
        self.endpoints.iter().filter(move |endpoint| only.is_none_or(|id| endpoint.id == id))
    }
}

/// What became of the form that led here.
#[derive(Default)]
pub struct Said<'a> {
    pub refusal: Option<&'a str>,
    pub pinged: Option<Pinged<'a>>,
    /// What was typed, with what is wrong with it.
    pub asked: Option<(&'a Asked, &'a str)>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    endpoints: Vec<Endpoint>,
    deliveries: Vec<Listed>,
    replays: Vec<Replay>,
}

pub async fn load(
    app: &App,
    person: &Admin,
    filter: &Filter,
    before: Option<i64>,
) -> Result<List, WebError> {
    let Filter { state, schema, endpoint } = filter;
    let row = app
        .db
        .row(
            "select inbox_internal.deliveries_page($1, $2, $3, $4, $5, $6)",
            &[&person.actor(), state, schema, endpoint, &before, &PAGE],
        )
        .await?;
    let Data { shell, endpoints, mut deliveries, replays } = data(&row)?;
    // One more than was asked for: whether there is a next page.
    let more = deliveries.len() > PAGE as usize;
    deliveries.truncate(PAGE as usize);
    let next = deliveries.last().filter(|_| more).map(|last| last.delivery.id);
    let frame = Frame::new(person, shell, Tab::Other);
    Ok(List { frame, endpoints, deliveries, replays, filter: filter.clone(), before, next })
}

pub async fn show(
    State(app): State<App>,
    person: Admin,
    Query(narrowed): Query<Narrowed>,
) -> Result<Markup, WebError> {
    let filter = Filter::of(&narrowed.state, &narrowed.schema, &narrowed.endpoint);
    let list = load(&app, &person, &filter, narrowed.before.parse().ok()).await?;
    Ok(page(&list, &Said::default(), Timestamp::now()))
}

pub fn page(list: &List, said: &Said<'_>, now: Timestamp) -> Markup {
    let more = list.next.map(|before| list.filter.address(Some(before)));
    page::page(
        "Webhooks",
        &list.frame,
        html! {
            header.top { h1 { "Webhooks" } }
            @if let Some(words) = said.refusal { (page::refusal(words)) }
            @if list.before.is_none() {
                // Who looks for one state wants the list and not to scroll to it.
                @if list.filter.state.is_none() { (endpoint::cards(list.meant(), said.pinged, now)) }
                (replay::running(&list.replays, now))
            }
            @if list.endpoints.is_empty() {
                div.empty {
                    (icon::outside())
                    h2 { "No webhooks yet" }
                    p { "Put " code { "default_hook_url" } " into a task schema and apply it: then the app hears of every decision." }
                }
            } @else {
                div.listing {
                    (states(&list.filter))
                    div {
                        (narrowed(list))
                        @if list.deliveries.is_empty() { p.hint { "No webhook is in this list." } }
                        @else { (page::list(html! { @for one in &list.deliveries { (item(one, now)) } }, more.as_deref())) }
                        (replay::form(list, said.asked))
                    }
                }
            }
        },
    )
}

fn states(filter: &Filter) -> Markup {
    let link = |state: Option<&'static str>, word: &str| {
        let current = (filter.state == state).then_some("true");
        html! { a href=(filter.with_state(state).address(None)) aria-current=[current] { (word) } }
    };
    html! {
        nav.filter aria-label="States" {
            (link(None, "All"))
            @for (state, word) in STATES { (link(Some(state), word)) }
        }
    }
}

/// To which endpoint or schema the list is narrowed, and the way out.
fn narrowed(list: &List) -> Markup {
    let Filter { schema, endpoint, state } = &list.filter;
    let of = endpoint.and_then(|id| list.endpoints.iter().find(|one| one.id == id));
    html! {
        @if endpoint.is_some() || schema.is_some() {
            p.hint.narrowed {
                "Only "
                @if let Some(schema) = schema { (schema) }
                @if let Some(endpoint) = of { bdi dir="ltr" { (endpoint.url.as_deref().unwrap_or(&endpoint.schema)) } }
                " · " a href=(Filter::default().with_state(*state).address(None)) { "Show all" }
            }
        }
    }
}

fn item(listed: &Listed, now: Timestamp) -> Markup {
    let Listed { delivery, .. } = listed;
    html! {
        li.task.delivery id={ "delivery-" (delivery.id) } {
            p.about {
                (condition(delivery))
                span { (history::subject(&delivery.kind)) " · " (listed.schema) }
                (time::age(delivery.created_at, now))
            }
            h2 dir="auto" { a href={ "/deliveries/" (delivery.id) } { (listed.task_title) } }
            p.fate { (history::fate(delivery, now)) }
        }
    }
}

/// The state of a delivery in a word, and in a colour.
pub fn condition(delivery: &Delivery) -> Markup {
    let word = STATES.iter().find(|(state, _)| *state == delivery.state).map(|(_, word)| *word);
    let kind = match delivery.state.as_str() {
        "delivered" => "good",
        "failed" | "blocked" => "bad",
        "paused" => "waits",
        "owed" | "parked" if delivery.error.is_some() => "waits",
        _ => "plain",
    };
    html! { strong.condition data-condition=(kind) { (word.unwrap_or(&delivery.state)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_an_address_and_nonsense_narrows_nothing() {
        for (filter, before, address) in [
            (Filter::of("", "", ""), None, "/deliveries"),
            (Filter::of("nonsense", " ", "x"), None, "/deliveries"),
            (Filter::of("failed", "", "7"), None, "/deliveries?state=failed&endpoint=7"),
            (Filter::of("", "a&b c", ""), Some(12), "/deliveries?schema=a%26b+c&before=12"),
        ] {
            assert_eq!(filter.address(before), address);
        }
    }
}
