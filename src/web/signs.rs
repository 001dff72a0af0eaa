//! How a task stands besides its state: late, due, somebody's, snoozed, many in one.

use jiff::Timestamp;
use maud::{Markup, html};

use super::time;
use crate::task::Row;

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

/// In a list: a word each, most tasks have none.
pub fn brief(row: &Row, now: Timestamp) -> Markup {
    let due = row.respond_by.filter(|_| !row.late && !row.resolved);
    let any = row.late
        || due.is_some()
        || row.merged_count > 0
        || row.assignee.is_some()
        || row.claimed_by.is_some()
        || row.snoozed_until.is_some();
    html! {
        @if any {
            p.signs {
                @if row.late { strong.sign.late { "Late" } }
                @if let Some(at) = due { span.sign { "due " (time::until(at, now)) } }
                @if row.merged_count > 0 { span.sign { (row.merged_count + 1) " reports" } }
                @if let Some(person) = &row.claimed_by { span.sign { bdi { (person) } " is at it" } }
                @if let Some(person) = &row.assignee { span.sign { "for " bdi { (person) } } }
                @if let Some(until) = row.snoozed_until { span.sign { "snoozed until " (time::clock(until, now)) } }
            }
        }
    }
}

/// On the page of the task: a sentence each. `me` is who reads it.
pub fn whole(row: &Row, me: &str, now: Timestamp) -> Markup {
    html! {
        ul.stands {
            @if let Some(at) = row.respond_by {
                @if row.late {
                    li { strong.sign.late { "Late" } " An answer was wanted by " (time::clock(at, now)) "." }
                } @else if !row.resolved {
                    li { "Answer by " (time::clock(at, now)) ", " (time::until(at, now)) "." }
                }
            }
            @if let Some(person) = &row.assignee {
                li { @if person == me { "Assigned to you." } @else { "Assigned to " bdi { (person) } "." } }
            }
            @if let (Some(person), Some(until)) = (&row.claimed_by, row.claimed_until) {
                li #claim {
                    @if person == me { "You are at it" } @else { bdi { (person) } " is at it" }
                    " until " (time::clock(until, now)) "."
                }
            }
            @if let Some(until) = row.snoozed_until {
                li { "Snoozed until " (time::clock(until, now)) ": until then it is in nobody's inbox." }
            }
        }
    }
}
