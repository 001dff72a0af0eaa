//! One task: what it is, what may be decided, what became of it.

use jiff::Timestamp;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    fact, history, icon, inbox,
    page::{self, Frame},
    time,
};
use crate::task::{Move, TaskPage};

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
                        (decide(task, answer, comment))
                    }
                    (history::steps(&task.history, now))
                    (history::deliveries(&task.deliveries, now))
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

fn decide(task: &TaskPage, answer: Answer<'_>, comment: &str) -> Markup {
    let url = format!("/tasks/{}/state", task.row.id);
    // More buttons than this would hide the task they are about.
    let shown = if task.moves.len() > 4 { 3 } else { task.moves.len() };
    let (first, rest) = task.moves.split_at(shown);
    html! {
        // Boosted, not hx-post: the button's own formaction is heeded then.
        form.decide method="post" action=(url) hx-boost="true" hx-target="#main" hx-select="#main"
            hx-select-oob="#tabs" hx-swap="outerHTML" hx-disable="findAll button" {
            input type="hidden" name="version" value=(task.row.version);
            (comment_field(&task.moves, comment, matches!(answer, Answer::Refused(_))))
            div.moves {
                (notice(answer))
                @for choice in first { (button(task.row.id, choice)) }
                @if !rest.is_empty() {
                    details.rest {
                        summary { "More" }
                        div { @for choice in rest { (button(task.row.id, choice)) } }
                    }
                }
            }
        }
    }
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
fn notice(answer: Answer<'_>) -> Markup {
    let words = match answer {
        Answer::Stale => Some("This task changed while you looked. Read it again, then decide."),
        Answer::Refused(words) => Some(words),
        Answer::None => None,
    };
    html! {
        p #notice.refusal role="status" tabindex="-1" autofocus[words.is_some()] {
            @if let Some(words) = words { (icon::alert()) span { (words) } }
        }
    }
}

fn settled(task: &TaskPage, answer: Answer<'_>, now: Timestamp) -> Markup {
    let row = &task.row;
    let (word, fresh) = match answer {
        Answer::Stale | Answer::Refused(_) => ("Already settled", true),
        Answer::None => ("Settled", false),
    };
    html! {
        div.moves {
            p #notice.outcome role="status" tabindex="-1" autofocus[fresh] data-outcome=[row.outcome.as_deref()] {
                (icon::outcome(row.outcome.as_deref()))
                span {
                    (word) @if let Some(person) = &row.settled_by { " by " bdi { (person) } }
                    @if let Some(state) = &row.state_label { ": " strong { (state) } }
                    @if let Some(at) = row.settled_at { ", " (time::ago(at, now)) }
                }
            }
            a.button.primary href="/" { "Back to the inbox" }
        }
    }
}

fn confirm_form(task: &TaskPage, chosen: &Move, comment: &str, refused: Option<&str>) -> Markup {
    let id = task.row.id;
    let answer = refused.map_or(Answer::None, Answer::Refused);
    html! {
        form.decide method="post" action={ "/tasks/" (id) "/state" } hx-boost="true" hx-target="#main"
            hx-select="#main" hx-select-oob="#tabs" hx-swap="outerHTML" hx-disable="findAll button" {
            input type="hidden" name="version" value=(task.row.version);
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
                (notice(answer))
                p.question { strong dir="auto" { (chosen.label) } ": are you sure?" }
                a.button href={ "/tasks/" (id) } { "Cancel" }
                button class=(chosen.style) name="state" value=(chosen.name) { (chosen.label) }
            }
        }
    }
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
