//! What happened to a task, and what its application was told, in plain words.

use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value;

use super::time;
use crate::delivery::Delivery;
use crate::task::Step;

pub fn steps(steps: &[Step], now: Timestamp) -> Markup {
    html! {
        section.history {
            h2 { "History" }
            ol {
                @for step in steps {
                    li {
                        p {
                            @if step.undone { s { (told(step)) } " (taken back)" } @else { (told(step)) }
                            (by_road(&step.via)) ", " (time::ago(step.at, now))
                        }
                        @if let Some(answers) = step.answers.as_ref().filter(|answers| !answers.is_empty()) {
                            dl.said {
                                @for answer in answers {
                                    div { dt dir="auto" { (answer.label) } dd dir="auto" { (answer.text) } }
                                }
                            }
                        }
                        @if let Some(comment) = &step.comment { blockquote dir="auto" { (comment) } }
                    }
                }
            }
        }
    }
}

/// `admin`: who may send a failed one again finds the way to it here.
pub fn deliveries(deliveries: &[Delivery], admin: bool, now: Timestamp) -> Markup {
    html! {
        @if !deliveries.is_empty() {
            section.deliveries {
                h2 { "Told to the app" }
                ul {
                    @for delivery in deliveries {
                        li data-state=(delivery.state) {
                            strong { (subject(&delivery.kind)) } ": " (fate(delivery, now))
                            @if admin {
                                " " a.more href={ "/deliveries/" (delivery.id) } {
                                    @if delivery.state == "failed" { "Send it again" } @else { "Details" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn told(step: &Step) -> Markup {
    let actor = html! { bdi { (step.actor) } };
    let arg = |name: &str| step.args.as_ref().and_then(|args| args[name].as_str());
    let is = |name: &str| step.args.as_ref().is_some_and(|args| args[name] == true);
    match (step.kind.as_str(), &step.from_label, &step.to_label) {
        ("posted", _, _) => html! { "Posted by " (actor) },
        ("moved", Some(from), Some(to)) => {
            html! { (actor) " moved it from " strong { (from) } " to " strong { (to) } }
        }
        ("moved", None, Some(to)) => html! { (actor) " moved it to " strong { (to) } },
        ("resolved", _, Some(to)) => html! { (actor) " settled it: " strong { (to) } },
        ("expired", _, Some(to)) => {
            html! { "Nobody answered in time, so it went to " strong { (to) } }
        }
        ("late", _, _) => html! { "The time to answer passed" },
        ("withdrawn", _, _) => html! { (actor) " withdrew it" },
        ("reopened", _, _) => html! { (actor) " reopened it" },
        ("undone", _, _) => html! { (actor) " took it back" },
        ("commented", _, _) => html! {
            (actor) " commented" @if is("internal") { ", for colleagues only" }
        },
        ("redacted", _, _) => html! { (actor) " blanked a comment" },
        ("claimed", _, _) => html! { (actor) " is at it" },
        ("released", _, _) => html! { (actor) " is no longer at it" },
        ("assigned", _, _) => match arg("to") {
            Some(person) => html! { (actor) " gave it to " bdi { (person) } },
            None => html! { (actor) " made it nobody’s" },
        },
        ("snoozed", _, _) => match arg("until").and_then(|until| until.parse().ok()) {
            Some(until) => html! { (actor) " snoozed it until " (time::clock(until, step.at)) },
            None => html! { (actor) " snoozed it" },
        },
        ("woken", _, _) => html! { (actor) " woke it" },
        ("ticked", _, _) => html! {
            (actor) @if is("done") { " ticked " } @else { " unticked " } bdi { (arg("item").unwrap_or("an item")) }
        },
        ("changed", _, _) => changed(&actor, step),
        ("merged", _, _) => html! { (actor) " posted the same once more" },
        ("promoted", _, _) => html! { "It took the place of one that " (actor) " withdrew" },
        ("raised", _, _) => {
            html! { "Its urgency rose to " strong { (arg("urgency").unwrap_or("more")) } }
        }
        (kind, _, _) => html! { (actor) ": " (kind.replace('_', " ")) },
    }
}

/// Which facts, by their names; what else is called by its own.
fn changed(actor: &Markup, step: &Step) -> Markup {
    let members = step.args.iter().filter_map(Value::as_object).flatten();
    let mut names: Vec<&str> = Vec::new();
    for (name, value) in members {
        match (name.as_str(), value.as_object()) {
            ("meta", Some(facts)) => names.extend(facts.keys().map(String::as_str)),
            ("respond_by", _) => names.push("the deadline"),
            ("start_at", _) => names.push("the start"),
            (name, _) => names.push(name),
        }
    }
    html! {
        (actor) " changed "
        @for (place, name) in names.iter().enumerate() { @if place > 0 { ", " } bdi { (name) } }
        @if names.is_empty() { "it" }
    }
}

/// By which road it came, when that is not the page one looks at.
fn by_road(via: &str) -> &str {
    match via {
        "api" => " through the API",
        "sql" => " in the database",
        "cli" => " on the command line",
        "push" => " from a notification",
        _ => "",
    }
}

/// The event of a webhook, in a word.
pub fn subject(kind: &str) -> &str {
    match kind {
        "task.created" => "Posted",
        "task.updated" => "Moved",
        "task.resolved" => "Settled",
        "task.reopened" => "Reopened",
        "task.expired" => "Not answered in time",
        "task.withdrawn" => "Withdrawn",
        "task.commented" => "Comment",
        "task.changed" => "Facts changed",
        _ => kind,
    }
}

/// What became of a webhook, as the rest of a sentence.
pub fn fate(delivery: &Delivery, now: Timestamp) -> Markup {
    let due = delivery.due_at.filter(|due| *due > now);
    let tries = if delivery.attempts == 1 {
        "1 try".to_owned()
    } else {
        format!("{} tries", delivery.attempts)
    };
    match (delivery.state.as_str(), due) {
        ("delivered", _) => html! {
            "accepted by the app"
            @if let Some(at) = delivery.settled_at { " in " (time::took(delivery.created_at, at)) }
            @if delivery.attempts > 1 { ", after " (tries) }
        },
        ("failed", _) => html! { "failed after " (tries) (because(delivery)) },
        ("leased", _) => html! { "being sent now" },
        ("void", _) => html! { "not sent, the decision was taken back" },
        ("owed", Some(due)) if delivery.attempts > 0 => {
            html! { "retrying at " (time::clock(due, now)) (because(delivery)) }
        }
        ("held", Some(due)) => {
            html! { "goes out at " (time::second(due, now)) ", can still be undone" }
        }
        ("owed", Some(due)) => html! { "goes out at " (time::clock(due, now)) },
        ("owed" | "held", None) => html! { "about to be sent" (because(delivery)) },
        (state, _) => waits(delivery.reason.as_deref().unwrap_or(state)),
    }
}

fn waits(reason: &str) -> Markup {
    html! { @if !reason.starts_with("waits") { "waits: " } (reason) }
}

fn because(delivery: &Delivery) -> Markup {
    html! {
        @match (delivery.status, delivery.error.as_deref()) {
            (Some(status), _) => { ", the app answered " (status) }
            (None, Some(error)) => { ", " (error) }
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_told_in_plain_words() {
        let at = |time: &str| format!("2026-11-22T{time}Z").parse::<Timestamp>().unwrap();
        let at_five_past = "at <time class=\"clock\" datetime=\"2026-11-22T14:05:00Z\" \
            title=\"22 Nov 2026, 14:05 UTC\">14:05 UTC</time>";
        let retrying = format!("retrying {at_five_past}, the app answered 500");
        let goes_out = format!("goes out {at_five_past}");
        let held = goes_out.replace("clock", "clock second").replace("14:05 UTC<", "14:05:00 UTC<")
            + ", can still be undone";
        for (state, attempts, due, status, reason, words) in [
            ("delivered", 1, "13:55:00", Some(200), None, "accepted by the app in 0.3 s"),
            (
                "delivered",
                3,
                "13:55:00",
                Some(200),
                None,
                "accepted by the app in 0.3 s, after 3 tries",
            ),
            ("owed", 0, "13:55:00", None, None, "about to be sent"),
            ("owed", 2, "14:05:00", Some(500), None, &retrying),
            ("owed", 0, "14:05:00", None, None, &goes_out),
            ("held", 0, "14:05:00", None, None, &held),
            ("blocked", 0, "14:05:00", None, Some("no secret yet"), "waits: no secret yet"),
            ("parked", 0, "13:55:00", None, Some("waits for its turn"), "waits for its turn"),
            ("paused", 0, "13:55:00", None, None, "waits: paused"),
            (
                "failed",
                8,
                "13:55:00",
                Some(404),
                None,
                "failed after 8 tries, the app answered 404",
            ),
            ("void", 0, "13:55:00", None, None, "not sent, the decision was taken back"),
        ] {
            let delivery = Delivery {
                id: 1,
                kind: "task.resolved".into(),
                sequence: 2,
                state: state.into(),
                reason: reason.map(str::to_owned),
                attempts,
                due_at: Some(at(due)),
                settled_at: Some(at("13:55:00.34")),
                created_at: at("13:55:00"),
                status,
                error: None,
            };
            assert_eq!(fate(&delivery, at("14:00:00")).into_string(), words, "{state}");
        }
    }
}
