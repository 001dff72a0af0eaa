//! The audit log, for admins: who did what that matters for security.

use axum::extract::State;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::input::Query;
use super::page::{self, Frame, Tab};
use super::{WebError, data, time};
use crate::app::App;
use crate::auth::Admin;
use crate::task::Shell;

const PAGE: i32 = 50;

/// Every action, and what it says after the name of who did it.
pub const ACTIONS: [(&str, &str); 27] = [
    ("signed_in", "signed in"),
    ("sign_in_failed", "failed to sign in as"),
    ("sign_in_limited", "was told to wait, signing in as"),
    ("signed_out", "signed out"),
    ("elevated", "gave the password again"),
    ("session_ended", "ended sessions of"),
    ("person_created", "added the person"),
    ("person_invited", "invited"),
    ("role_changed", "changed the role of"),
    ("schemas_changed", "changed the schemas of"),
    ("person_disabled", "disabled"),
    ("person_enabled", "enabled"),
    ("link_made", "made a sign-in link for"),
    ("password_set", "set the password of"),
    ("key_created", "made the API key"),
    ("key_rotated", "rotated the API key"),
    ("key_revoked", "revoked the API key"),
    ("schema_applied", "applied the schema"),
    ("secret_created", "made the webhook secret of"),
    ("secret_rotated", "rotated the webhook secret of"),
    ("secret_resealed", "sealed anew a secret of"),
    ("endpoint_paused", "paused the endpoint"),
    ("endpoint_enabled", "enabled the endpoint"),
    ("endpoint_disabled", "disabled the endpoint"),
    ("endpoint_pinged", "pinged the endpoint"),
    ("delivery_retried", "sent again the delivery"),
    ("deliveries_replayed", "sent again many deliveries"),
];

#[derive(Deserialize)]
pub struct Narrowed {
    #[serde(default)]
    action: String,
    #[serde(default)]
    before: String,
}

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: i64,
    at: Timestamp,
    actor: Actor,
    action: String,
    target: Option<String>,
    detail: Option<Map<String, Value>>,
    address: Option<String>,
}

#[derive(Deserialize)]
struct Actor {
    name: String,
}

pub async fn show(
    State(app): State<App>,
    person: Admin,
    Query(narrowed): Query<Narrowed>,
) -> Result<Markup, WebError> {
    let action = ACTIONS.iter().map(|(action, _)| *action).find(|known| *known == narrowed.action);
    let before: Option<i64> = narrowed.before.parse().ok();
    let row = app
        .db
        .row(
            "select inbox_internal.audit_page($1, $2, $3, $4)",
            &[&person.actor(), &action, &before, &PAGE],
        )
        .await?;
    let Data { shell, mut entries } = data(&row)?;
    // One more than was asked for: whether there is a next page.
    let more = entries.len() > PAGE as usize;
    entries.truncate(PAGE as usize);
    let next = entries.last().filter(|_| more).map(|last| address(action, Some(last.id)));
    let frame = Frame::new(&person, shell, Tab::Other);
    Ok(page(&frame, &entries, action, next.as_deref(), Timestamp::now()))
}

fn address(action: Option<&str>, before: Option<i64>) -> String {
    let action = action.map(|action| format!("action={action}"));
    let before = before.map(|before| format!("before={before}"));
    let query: Vec<String> = action.into_iter().chain(before).collect();
    if query.is_empty() { "/audit".to_owned() } else { format!("/audit?{}", query.join("&")) }
}

fn page(
    frame: &Frame,
    entries: &[Entry],
    action: Option<&str>,
    next: Option<&str>,
    now: Timestamp,
) -> Markup {
    page::page(
        "Audit log",
        frame,
        html! {
            header.top { h1 { "Audit log" } }
            form.chosen method="get" action="/audit" {
                label for="action" { "Only" }
                select #action name="action" {
                    option value="" { "everything" }
                    @for (name, _) in ACTIONS { option value=(name) selected[action == Some(name)] { (name.replace('_', " ")) } }
                }
                button { "Show" }
            }
            @if entries.is_empty() { p.hint { "Nothing of this kind happened yet." } }
            @else { (page::list(html! { @for entry in entries { (item(entry, now)) } }, next)) }
        },
    )
}

fn item(entry: &Entry, now: Timestamp) -> Markup {
    let Entry { id, at, actor, action, target, detail, address } = entry;
    let words = ACTIONS
        .iter()
        .find(|(known, _)| known == action)
        .map_or(action.as_str(), |(_, words)| words);
    html! {
        li.task.entry id={ "entry-" (id) } {
            p {
                strong { bdi { (actor.name) } } " " (words)
                @if let Some(target) = target { " " bdi { (target) } }
            }
            p.about {
                @for (name, value) in detail.iter().flatten().filter(|(_, value)| !value.is_null()) {
                    span { (name.replace('_', " ")) " " bdi { (plain(value, now)) } }
                }
                @if let Some(address) = address { span { "from " bdi dir="ltr" { (address) } } }
                (time::ago(*at, now))
            }
        }
    }
}

/// A detail without the marks of JSON; a time as on other pages.
fn plain(value: &Value, now: Timestamp) -> Markup {
    let at = |text: &str| Some(text).filter(|text| text.len() > 20)?.parse::<Timestamp>().ok();
    html! {
        @match value {
            Value::String(text) => {
                @match at(text) { Some(at) => { (time::clock(at, now)) } None => { (text) } }
            }
            Value::Array(parts) => {
                @for (place, part) in parts.iter().enumerate() {
                    @if place > 0 { ", " }
                    (plain(part, now))
                }
            }
            other => { (other) }
        }
    }
}
