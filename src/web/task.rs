//! One task: what it is, what may be decided, what became of it.

use jiff::Timestamp;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    attached, fact, history, icon,
    page::{self, Frame},
    signs, time, verb_forms,
};
use crate::task::{Move, Row, TaskPage};

/// What became of the form that led here.
#[derive(Debug, Clone, Copy, Default)]
pub enum Answer<'a> {
    /// Nothing was sent.
    #[default]
    None,
    /// 409 or 412: somebody was faster, or the facts changed.
    Stale(&'a str),
    /// 422, and why.
    Refused(&'a str),
    /// A decision that could not be taken back, and why.
    TooLate(&'a str),
    /// Another verb than a decision, and why not.
    Verb(&'a str, &'a str),
}

impl<'a> Answer<'a> {
    /// Why this verb was refused, if it was this one.
    pub fn to(self, verb: &str) -> Option<&'a str> {
        match self {
            Answer::Verb(asked, words) if asked == verb => Some(words),
            _ => None,
        }
    }
}

/// The page; `typed` is what the person had written into the form that was
/// refused, so that it is not lost.
pub fn page(
    frame: &Frame,
    task: &TaskPage,
    answer: Answer<'_>,
    typed: &str,
    now: Timestamp,
) -> Markup {
    let comment = match answer {
        // These go with a decision that was begun.
        Answer::Verb("tick" | "claim", _) => typed,
        Answer::Verb(..) => "",
        _ => typed,
    };
    page::page(
        &task.row.title,
        frame,
        html! {
            div.beside {
                (others())
                article {
                    (back())
                    (head(task, now))
                    (signs::whole(&task.row, &frame.person, now))
                    (fact::list(&task.row.facts))
                    (attached::files(&task.attachments))
                    (attached::reports(task, now))
                    @if task.row.resolved {
                        (attached::checklist(task.row.id, &task.checklist, false))
                        (settled(task, answer, now))
                    } @else if task.moves.is_empty() {
                        (attached::checklist(task.row.id, &task.checklist, false))
                        p.hint { "There is nothing for you to decide here." }
                    } @else if let Some(holder) = taken(task, frame) {
                        (attached::checklist(task.row.id, &task.checklist, false))
                        (take_over(task, holder, answer, comment, now))
                    } @else {
                        (decide(task, answer, comment, now))
                    }
                    (verb_forms::others(task, frame, answer, typed, now))
                    (history::steps(&task.history, now))
                    (verb_forms::discuss(task, answer, typed))
                    (history::deliveries(&task.deliveries, frame.admin, now))
                    (origin(task))
                }
            }
        },
    )
}

/// Who else is at it, when that is what keeps this person from deciding.
pub fn taken<'a>(task: &'a TaskPage, frame: &Frame) -> Option<&'a str> {
    let holder = task.row.claimed_by.as_deref().filter(|holder| *holder != frame.person)?;
    (!task.may("resolve") && !task.moves.is_empty()).then_some(holder)
}

pub fn back() -> Markup {
    html! { header.top { a.back href="/" { (icon::back()) "Inbox" } } }
}

/// On wide screens the list stands beside the task. It is fetched only when it
/// comes into view, so a phone, where it is not shown, never asks for it.
pub fn others() -> Markup {
    html! {
        aside.others aria-label="Waiting tasks" hx-get="/" hx-trigger="intersect once" hx-select="#list" {}
    }
}

pub fn head(task: &TaskPage, now: Timestamp) -> Markup {
    let row = &task.row;
    html! {
        p.about {
            span.type { (row.type_label) }
            (signs::urgency(row))
            @if let Some(state) = &row.state_label { span.state { (state) } }
            span { (time::ago(row.posted_at, now)) @if let Some(from) = &row.posted_by { " from " bdi { (from) } } }
        }
        h1 dir="auto" { (row.title) }
        @if let Some(description) = &task.description { p.description dir="auto" { (description) } }
    }
}

fn decide(task: &TaskPage, answer: Answer<'_>, comment: &str, now: Timestamp) -> Markup {
    // More buttons than this would hide the task they are about.
    let shown = if task.moves.len() > 4 { 3 } else { task.moves.len() };
    let (first, rest) = task.moves.split_at(shown);
    page::form(
        &format!("/tasks/{}/state", task.row.id),
        html! {
            (version(&task.row))
            (attached::checklist(task.row.id, &task.checklist, task.may("tick")))
            (comment_field(&task.moves, comment, matches!(answer, Answer::Refused(_))))
            div.moves {
                (notice(task, answer, now))
                (undo(task, now))
                @for choice in first { (button(task.row.id, choice)) }
                @if !rest.is_empty() {
                    details.rest {
                        summary { "More" }
                        div { @for choice in rest { (button(task.row.id, choice)) } }
                    }
                }
            }
        },
    )
}

/// As long as the application has not been told. app.js counts down and takes
/// the button away; whoever is late without it is told so.
fn undo(task: &TaskPage, now: Timestamp) -> Markup {
    let held = task.row.held(now).filter(|_| task.undo);
    html! {
        @if let Some(until) = held {
            button #undo formaction={ "/tasks/" (task.row.id) "/undo" } formnovalidate
                data-left=(until.as_millisecond() - now.as_millisecond()) {
                (icon::undo()) "Undo" span.figure aria-hidden="true" {}
            }
        }
    }
}

/// "The app hears of it at 14:05:08." app.js says when that is over.
fn hears(task: &TaskPage, now: Timestamp) -> Markup {
    html! {
        @if let Some(until) = task.row.held(now) {
            " " span #hears { "The app hears of it at " (time::second(until, now)) "." }
        }
    }
}

pub fn version(row: &Row) -> Markup {
    html! { input type="hidden" name="version" value=(row.version); }
}

fn button(id: Uuid, choice: &Move) -> Markup {
    // The way to a page that asks is posted too: a comment has no place in a URL.
    let confirm = choice.asks().then(|| format!("/tasks/{id}/confirm"));
    let free = confirm.is_some() || choice.comment != "required";
    html! {
        button class=(choice.style) name="state" value=(choice.name) formaction=[confirm] formnovalidate[free] {
            (choice.label) @if choice.asks() { "…" }
        }
    }
}

fn comment_field(moves: &[Move], comment: &str, refused: bool) -> Markup {
    let labels = |rule: &str| {
        let labels: Vec<_> =
            moves.iter().filter(|one| one.comment == rule).map(|one| one.label.as_str()).collect();
        (!labels.is_empty()).then(|| labels.join(", "))
    };
    let (required, none) = (labels("required"), labels("none"));
    html! {
        @if moves.iter().any(|one| one.comment != "none") {
            div.field {
                label for="comment" { "Comment" }
                textarea #comment name="comment" rows="2" maxlength="4000" dir="auto" required[required.is_some()]
                    aria-describedby="comment-hint" aria-invalid=[refused.then_some("true")] { "\n" (comment) }
                p #comment-hint.hint {
                    @match &required { Some(moves) => { "Needed for " (moves) "." } None => { "Optional." } }
                    @if let Some(moves) = &none { " Not sent with " (moves) "." }
                }
            }
        }
    }
}

/// Where answers stand: in the thumb's reach, and read out. app.js writes here
/// when there was no answer at all.
fn notice(task: &TaskPage, answer: Answer<'_>, now: Timestamp) -> Markup {
    let words = match answer {
        Answer::Stale(words)
        | Answer::Refused(words)
        | Answer::TooLate(words)
        | Answer::Verb("tick", words) => Some(words),
        // Said beside its own form.
        Answer::Verb(..) | Answer::None => None,
    };
    let undone = task.history.last().is_some_and(|step| step.kind == "undone");
    html! {
        @if let Some(words) = words {
            (page::answer(Some(words)))
        } @else if task.row.held(now).is_some() {
            p #notice.outcome role="status" tabindex="-1" autofocus[task.undo] {
                span {
                    "Moved" @if let Some(state) = &task.row.state_label { " to " strong { (state) } } "."
                    (hears(task, now))
                }
            }
        } @else if undone {
            p #notice.outcome role="status" tabindex="-1" { "Taken back. The app was told nothing." }
        } @else {
            (page::answer(None))
        }
    }
}

fn settled(task: &TaskPage, answer: Answer<'_>, now: Timestamp) -> Markup {
    let row = &task.row;
    let fresh = match answer {
        Answer::Stale(_) | Answer::Refused(_) => true,
        Answer::Verb(..) => false,
        Answer::None | Answer::TooLate(_) => task.undo,
    };
    let already = matches!(answer, Answer::Stale(_) | Answer::Refused(_));
    let late = match answer {
        Answer::TooLate(words) => Some(words),
        _ => None,
    };
    let bar = html! {
        div.moves {
            @if late.is_some() { (page::answer(late)) }
            p.outcome id=[late.is_none().then_some("notice")] role="status" tabindex="-1" autofocus[fresh]
                data-outcome=[row.outcome.as_deref()] {
                (icon::outcome(row.outcome.as_deref()))
                span {
                    (how_settled(row, already))
                    @if row.held(now).is_some() { "." (hears(task, now)) }
                    @else if let Some(at) = row.settled_at { ", " (time::ago(at, now)) }
                }
            }
            (undo(task, now))
            a.button.primary href="/" { "Back to the inbox" }
        }
    };
    match task.undo {
        true => page::form(&format!("/tasks/{}/undo", row.id), html! { (version(row)) (bar) }),
        false => bar,
    }
}

/// "Already settled by ana: Approve", or that it was nobody's decision.
fn how_settled(row: &Row, already: bool) -> Markup {
    let by = html! { @if let Some(person) = &row.settled_by { " by " bdi { (person) } } };
    let word = |plain: &'static str, again: &'static str| if already { again } else { plain };
    html! {
        @match row.resolution.as_deref() {
            Some("withdrawn") => { (word("Withdrawn", "Already withdrawn")) (by) },
            Some("expired") => {
                (word("Nobody answered in time", "The time to answer is over"))
                @if let Some(state) = &row.state_label { ": " strong { (state) } }
            },
            _ => {
                (word("Settled", "Already settled")) (by)
                @if let Some(state) = &row.state_label { ": " strong { (state) } }
            },
        }
    }
}

/// Somebody else is at it: nothing is decided beside them, but it can be taken over.
fn take_over(
    task: &TaskPage,
    holder: &str,
    answer: Answer<'_>,
    comment: &str,
    now: Timestamp,
) -> Markup {
    let refused = answer.to("claim");
    page::form(
        &format!("/tasks/{}/claim", task.row.id),
        html! {
            input type="hidden" name="take" value="true";
            @if !comment.is_empty() {
                div.field {
                    label for="comment" { "Your comment" }
                    textarea #comment name="comment" rows="2" maxlength="4000" dir="auto" { "\n" (comment) }
                }
            }
            div.moves {
                (page::answer(refused))
                p.question id=[refused.is_none().then_some("taken")] role="status" tabindex="-1"
                    autofocus[matches!(answer, Answer::Stale(_))] {
                    bdi { (holder) } " is at it"
                    @if let Some(until) = task.row.claimed_until { " until " (time::clock(until, now)) }
                    ". Take it over to decide it yourself."
                }
                (undo(task, now))
                button { "Take it over" }
            }
        },
    )
}

fn origin(task: &TaskPage) -> Markup {
    html! {
        section.origin {
            h2 { "Where it comes from" }
            dl.facts {
                div { dt { "Type" } dd { (task.schema) " " (task.schema_version) ", " (task.ttype) } }
                @if let Some(external) = &task.external_id { div { dt { "Reference" } dd dir="auto" { (external) } } }
                @if !task.tags.is_empty() { div { dt { "Tags" } dd dir="auto" { (task.tags.join(", ")) } } }
                div { dt { "Number" } dd { (task.row.id) } }
            }
        }
    }
}
