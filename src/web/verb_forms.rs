//! The plain forms of all that is done to a task besides deciding it. Only what
//! this person may do now is shown.

use jiff::Timestamp;
use maud::{Markup, html};

use super::page::{self, Frame};
use super::task::{Answer, version};
use super::time;
use crate::task::TaskPage;

/// To choose from, and what each means is for the handler to know.
pub const PAUSES: [(&str, &str); 4] = [
    ("hour", "1 hour"),
    ("hours", "4 hours"),
    ("tomorrow", "Tomorrow 9:00 UTC"),
    ("week", "In a week"),
];

pub fn others(
    task: &TaskPage,
    frame: &Frame,
    answer: Answer<'_>,
    typed: &str,
    now: Timestamp,
) -> Markup {
    let any = ["claim", "release", "assign", "snooze", "change", "withdraw", "reopen"];
    // What was sent may no longer be possible: the page still says why not.
    let lost = any.iter().find_map(|verb| answer.to(verb).filter(|_| !task.may(verb)));
    let lost = lost.filter(|_| task.row.resolved || answer.to("claim").is_none());
    html! {
        @if any.iter().any(|verb| task.may(verb)) || lost.is_some() {
            section.verbs {
                h2 { @if task.row.resolved { "If that was wrong" } @else { "Besides deciding" } }
                @if let Some(words) = lost { (page::refusal(words)) }
                (claim(task, frame, answer))
                @if task.may("assign") { (assign(task, answer)) }
                @if task.may("snooze") { (snooze(task, answer, typed, now)) }
                @if task.may("change") { a.button href=(path(task, "facts")) { "Change the facts…" } }
                @if task.may("withdraw") { (withdraw(task, answer, typed)) }
                @if task.may("reopen") { (reopen(task, answer, typed)) }
            }
        }
    }
}

/// Also of a settled task.
pub fn discuss(task: &TaskPage, answer: Answer<'_>, typed: &str) -> Markup {
    let refused = answer.to("comments");
    // What was written for a decision that came too late can still be said.
    let late = task.row.resolved && matches!(answer, Answer::Stale(_) | Answer::Refused(_));
    let body = if refused.is_some() || late { typed } else { "" };
    html! {
        @if task.may("comment") {
            section.discuss {
                h2 { "Talk about it" }
                (page::form_of("verb", &path(task, "comments"), html! {
                    @if let Some(words) = refused { (page::refusal(words)) }
                    label for="body" { "Comment for your colleagues" }
                    textarea #body name="body" rows="2" maxlength="10000" dir="auto" required
                        aria-invalid=[refused.map(|_| "true")] { "\n" (body) }
                    label.tick { input type="checkbox" name="tell" value="yes"; span { "Tell the app too" } }
                    button { "Add the comment" }
                }))
            }
        }
    }
}

fn path(task: &TaskPage, verb: &str) -> String {
    format!("/tasks/{}/{verb}", task.row.id)
}

fn claim(task: &TaskPage, frame: &Frame, answer: Answer<'_>) -> Markup {
    let mine = task.row.claimed_by.as_ref().is_some_and(|holder| *holder == frame.person);
    let refused = answer
        .to("claim")
        .or(answer.to("release"))
        .filter(|_| task.may("claim") || task.may("release"));
    html! {
        @if let Some(words) = refused { (page::refusal(words)) }
        @if task.may("claim") && !mine {
            (page::form_of("verb", &path(task, "claim"), html! {
                button { "I am at it" }
                p.hint { "Nobody else decides it meanwhile." }
            }))
        }
        @if task.may("release") {
            (page::form_of("verb", &path(task, "release"), html! {
                button {
                    @if mine { "I am no longer at it" } @else { "Free it for everybody" }
                }
            }))
        }
    }
}

/// A heading that opens; open already when its form was refused.
fn folded(title: &str, refused: Option<&str>, body: Markup) -> Markup {
    html! {
        details.verb open[refused.is_some()] {
            summary { (title) }
            div {
                @if let Some(words) = refused { (page::refusal(words)) }
                (body)
            }
        }
    }
}

fn assign(task: &TaskPage, answer: Answer<'_>) -> Markup {
    let whose = task.row.assignee.as_deref();
    let form = page::form_of(
        "verb",
        &path(task, "assign"),
        html! {
            label for="to" { "Whose is it?" }
            select #to name="to" {
                option value="" selected[whose.is_none()] { "Nobody’s" }
                // Somebody who has left meanwhile.
                @if let Some(gone) = whose.filter(|name| !task.people.iter().any(|one| one == name)) {
                    option value=(gone) selected { (gone) }
                }
                @for person in &task.people {
                    option value=(person) selected[whose == Some(person.as_str())] { (person) }
                }
            }
            button { "Assign" }
        },
    );
    folded("Assign…", answer.to("assign"), form)
}

fn snooze(task: &TaskPage, answer: Answer<'_>, typed: &str, now: Timestamp) -> Markup {
    let refused = answer.to("snooze");
    let path = path(task, "snooze");
    html! {
        @if task.row.snoozed_until.is_some() {
            (page::form_of("verb", &path, html! {
                input type="hidden" name="for" value="nothing";
                button { "Wake it now" }
            }))
        }
        (folded(if task.row.snoozed_until.is_some() { "Snooze longer…" } else { "Snooze…" }, refused, html! {
            p.hint { "Until then it is in nobody’s inbox. Its deadline stays." }
            (page::form_of("verb choices", &path, html! {
                @for (name, label) in PAUSES { button name="for" value=(name) { (label) } }
            }))
            // A form of its own: Enter in the field presses no other button.
            (page::form_of("verb", &path, html! {
                label for="until" { "Until (UTC)" }
                input #until name="until" type="datetime-local" required min=(time::local(now))
                    value=[refused.map(|_| typed)] aria-invalid=[refused.map(|_| "true")];
                button { "Snooze until then" }
            }))
        }))
    }
}

fn withdraw(task: &TaskPage, answer: Answer<'_>, typed: &str) -> Markup {
    let refused = answer.to("withdraw");
    let form = page::form_of(
        "verb",
        &path(task, "withdraw"),
        html! {
            (version(&task.row))
            p.hint { "Nobody needs to settle it any more. The app is told; this cannot be undone." }
            label for="reason" { "Why" span.optional { " optional" } }
            textarea #reason name="reason" rows="2" maxlength="10000" dir="auto" { "\n" @if refused.is_some() { (typed) } }
            button.danger { "Withdraw it" }
        },
    );
    folded("Withdraw…", refused, form)
}

fn reopen(task: &TaskPage, answer: Answer<'_>, typed: &str) -> Markup {
    let refused = answer.to("reopen");
    let form = page::form_of(
        "verb",
        &path(task, "reopen"),
        html! {
            (version(&task.row))
            p.hint { "It goes back to the inbox, without a deadline. The app is told." }
            label for="why" { "Why" span.optional { " optional" } }
            textarea #why name="comment" rows="2" maxlength="10000" dir="auto" { "\n" @if refused.is_some() { (typed) } }
            button { "Reopen it" }
        },
    );
    folded("Reopen…", refused, form)
}
