//! One task: what it is, what may be decided, what became of it.

use jiff::Timestamp;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    fact, history, icon, inbox,
    page::{self, Frame},
    time,
};
use crate::task::{Move, Row, TaskPage};

/// What became of the form that led here.
#[derive(Debug, Clone, Copy, Default)]
pub enum Answer<'a> {
    /// Nothing was sent.
    #[default]
    None,
    /// 409 or 412: somebody was faster, or the facts changed.
    Stale,
    /// 422, and why.
    Refused(&'a str),
    /// A decision that could not be taken back, and why.
    TooLate(&'a str),
}

/// The page; `comment` is what the person had typed, so that it is not lost.
pub fn page(
    frame: &Frame,
    task: &TaskPage,
    answer: Answer<'_>,
    comment: &str,
    now: Timestamp,
) -> Markup {
    page::page(
        &task.row.title,
        frame,
        html! {
            div.beside {
                (others())
                article {
                    (back())
                    (head(task, now))
                    (fact::list(&task.row.facts))
                    @if task.row.resolved {
                        (settled(task, answer, now))
                    } @else if task.moves.is_empty() {
                        p.hint { "There is nothing for you to decide here." }
                    } @else {
                        (decide(task, answer, comment, now))
                    }
                    (history::steps(&task.history, now))
                    (history::deliveries(&task.deliveries, frame.admin, now))
                    (origin(task))
                }
            }
        },
    )
}

/// The page before a decision that asks twice.
pub fn confirm(
    frame: &Frame,
    task: &TaskPage,
    chosen: &Move,
    comment: &str,
    refused: Option<&str>,
    now: Timestamp,
) -> Markup {
    page::page(
        &chosen.label,
        frame,
        html! {
            div.beside {
                (others())
                article {
                    (back())
                    (head(task, now))
                    (fact::list(task.row.facts.get(..3).unwrap_or(&task.row.facts)))
                    (confirm_form(task, chosen, comment, refused))
                }
            }
        },
    )
}

/// The word of the title to type for `confirm: type`: its last one, as that
/// names the thing ("Delete account of bob": bob).
pub fn confirm_word(title: &str) -> &str {
    let bare = |word: &'_ str| word.trim_matches(|edge: char| !edge.is_alphanumeric()).len();
    let last = title.split_whitespace().rfind(|word| bare(word) > 0);
    last.map_or("yes", |word| word.trim_matches(|edge: char| !edge.is_alphanumeric()))
}

fn back() -> Markup {
    html! { header.top { a.back href="/" { (icon::back()) "Inbox" } } }
}

/// On wide screens the list stands beside the task. It is fetched only when it
/// comes into view, so a phone, where it is not shown, never asks for it.
fn others() -> Markup {
    html! {
        aside.others aria-label="Waiting tasks" hx-get="/" hx-trigger="intersect once" hx-select="#list" {}
    }
}

fn head(task: &TaskPage, now: Timestamp) -> Markup {
    let row = &task.row;
    html! {
        p.about {
            span.type { (row.type_label) }
            (inbox::urgency(row))
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

fn version(row: &Row) -> Markup {
    html! { input type="hidden" name="version" value=(row.version); }
}

fn button(id: Uuid, choice: &Move) -> Markup {
    // A move that asks twice is posted too: a comment has no place in a URL.
    let confirm = (choice.confirm != "no").then(|| format!("/tasks/{id}/confirm"));
    let free = confirm.is_some() || choice.comment != "required";
    html! {
        button class=(choice.style) name="state" value=(choice.name) formaction=[confirm] formnovalidate[free] {
            (choice.label) @if choice.confirm != "no" { "…" }
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
                    aria-describedby="comment-hint" aria-invalid=[refused.then_some("true")] { (comment) }
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
        Answer::Stale => Some("This task changed while you looked. Read it again, then decide."),
        Answer::Refused(words) | Answer::TooLate(words) => Some(words),
        Answer::None => None,
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
    let (word, fresh) = match answer {
        Answer::Stale | Answer::Refused(_) => ("Already settled", true),
        Answer::None | Answer::TooLate(_) => ("Settled", task.undo),
    };
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
                    (word) @if let Some(person) = &row.settled_by { " by " bdi { (person) } }
                    @if let Some(state) = &row.state_label { ": " strong { (state) } }
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

fn confirm_form(task: &TaskPage, chosen: &Move, comment: &str, refused: Option<&str>) -> Markup {
    let id = task.row.id;
    page::form(
        &format!("/tasks/{id}/state"),
        html! {
            (version(&task.row))
            input type="hidden" name="confirmed" value="yes";
            (comment_field(std::slice::from_ref(chosen), comment, false))
            @if chosen.confirm == "type" {
                div.field {
                    label for="word" { "Type " strong { (confirm_word(&task.row.title)) } " to confirm" }
                    input #word name="word" required autocomplete="off" autocapitalize="none" autocorrect="off"
                        spellcheck="false" dir="auto" aria-invalid=[refused.map(|_| "true")];
                }
            }
            div.moves {
                (page::answer(refused))
                p.question { strong dir="auto" { (chosen.label) } ": are you sure?" }
                a.button href={ "/tasks/" (id) } { "Cancel" }
                button class=(chosen.style) name="state" value=(chosen.name) { (chosen.label) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_to_type_is_the_last_of_the_title() {
        for (title, word) in [
            ("Delete account of bob@shop.example", "bob@shop.example"),
            ("Refund €40.00 for order 104!", "104"),
            ("Close the shop 🚀", "shop"),
            ("حذف الحساب", "الحساب"),
            ("🚀", "yes"),
            ("", "yes"),
        ] {
            assert_eq!(confirm_word(title), word, "{title}");
        }
    }
}
