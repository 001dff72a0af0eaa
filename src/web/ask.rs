//! The page of one move: what it wants filled in, its reasons and comment, and
//! whether one is sure.

use jiff::Timestamp;
use maud::{Markup, html};

use super::decision::{ARG, Decision};
use super::field;
use super::page::{self, Frame};
use super::typed::Fault;
use super::{fact, task};
use crate::task::{Move, TaskPage};

/// What was sent from the page before, and what was wrong with it.
pub struct Asked<'a> {
    pub decision: &'a Decision,
    pub faults: &'a [Fault],
    /// Why it was refused as a whole.
    pub refused: Option<&'a str>,
}

impl<'a> Asked<'a> {
    pub fn first(decision: &'a Decision) -> Asked<'a> {
        Asked { decision, faults: &[], refused: None }
    }
}

pub fn page(
    frame: &Frame,
    task: &TaskPage,
    chosen: &Move,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Markup {
    page::page(
        &chosen.label,
        frame,
        html! {
            div.beside {
                (task::others())
                article {
                    (task::back())
                    (task::head(task, now))
                    (fact::list(task.row.facts.get(..6).unwrap_or(&task.row.facts)))
                    (form(task, chosen, asked, frame))
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

fn form(task: &TaskPage, chosen: &Move, asked: &Asked<'_>, frame: &Frame) -> Markup {
    let id = task.row.id;
    let decision = asked.decision;
    html! {
        h2.asked dir="auto" { (chosen.label) }
        (page::form(
            &format!("/tasks/{id}/state"),
            html! {
                (task::version(&task.row))
                // Hidden, not the button's: it goes with whatever button is pressed.
                input type="hidden" name="state" value=(chosen.name);
                input type="hidden" name="confirmed" value="yes";
                // Not "form": htmx reads a member of that name.
                @if !chosen.inputs.is_empty() { input type="hidden" name="filled" value="yes"; }
                @for input in &chosen.inputs {
                    @let name = format!("{ARG}{}", input.name);
                    @let fault = asked.faults.iter().find(|fault| fault.field == input.name);
                    (field::field(input, &name, &name, decision.shown(input), fault))
                    @if input.name == "reason" { (reasons(chosen)) }
                }
                (comment(chosen, decision, asked.faults))
                @if chosen.confirm == "type" { (word(task, decision, asked.faults)) }
                div.moves {
                    (page::answer(asked.refused))
                    @if chosen.confirm != "no" { p.question { strong dir="auto" { (chosen.label) } ": are you sure?" } }
                    a.button href={ "/tasks/" (id) } { "Cancel" }
                    button class=(chosen.style) { (chosen.label) }
                    // Here too, so that nobody leaves the page for a tick.
                    @for item in task.checklist.iter().filter(|item| asked.refused.is_some() && item.required && item.done_at.is_none()) {
                        button name="done" value="true" formaction={ "/tasks/" (id) "/actions/" (item.name) } formnovalidate {
                            "Done: " bdi { (item.label.as_ref().unwrap_or(&item.name)) }
                        }
                    }
                    @if task::taken(task, frame).is_some() {
                        button name="take" value="true" formaction={ "/tasks/" (id) "/claim" } formnovalidate { "Take it over" }
                    }
                }
            },
        ))
    }
}

/// What each reason says, so that nobody sends words they have not seen.
fn reasons(chosen: &Move) -> Markup {
    let input = chosen.inputs.iter().find(|input| input.name == "reason");
    let said = input.into_iter().flat_map(|input| &input.choices).filter_map(|choice| {
        let name: String = serde_json::from_str(&choice.value).ok()?;
        Some((&choice.label, chosen.reason_texts.get(&name)?))
    });
    html! {
        @if !chosen.reason_texts.is_empty() {
            div.field {
                p.hint { "Without a comment, the reason says:" }
                dl.said {
                    @for (label, text) in said { div { dt dir="auto" { (label) } dd dir="auto" { (text) } } }
                }
            }
        }
    }
}

fn comment(chosen: &Move, decision: &Decision, faults: &[Fault]) -> Markup {
    let fault = faults.iter().find(|fault| fault.field == "comment");
    let has_reasons = chosen.inputs.iter().any(|input| input.name == "reason");
    html! {
        @if chosen.comment != "none" {
            div.field {
                label for="comment" {
                    "Comment" @if chosen.comment != "required" { span.optional { " optional" } }
                }
                // With reasons it may be left to them.
                textarea #comment name="comment" rows="2" maxlength="4000" dir="auto"
                    required[chosen.comment == "required" && chosen.reason_texts.is_empty()]
                    aria-describedby={ "comment-hint" @if fault.is_some() { " comment-wrong" } }
                    aria-invalid=[fault.map(|_| "true")] { "\n" (decision.comment) }
                p #comment-hint.hint {
                    "The app gets it with the decision." @if has_reasons { " The reason “Other” needs one." }
                }
                @if let Some(fault) = fault { (field::complaint("comment", "A comment", &fault.words)) }
            }
        }
    }
}

fn word(task: &TaskPage, decision: &Decision, faults: &[Fault]) -> Markup {
    let fault = faults.iter().find(|fault| fault.field == "word");
    html! {
        div.field {
            label for="word" { "Type " strong { (confirm_word(&task.row.title)) } " to confirm" }
            input #word name="word" value=(decision.word) required autocomplete="off" autocapitalize="none" autocorrect="off"
                spellcheck="false" dir="auto" aria-invalid=[fault.map(|_| "true")]
                aria-describedby=[fault.map(|_| "word-wrong")];
            @if let Some(fault) = fault { p #word-wrong.wrong { (fault.words) } }
        }
    }
}

/// How many fields the notice sends one back to.
pub fn to_mend(faults: &[Fault], chosen: &Move) -> Option<String> {
    let label = |fault: &Fault| match fault.field.as_str() {
        "comment" => "Comment".to_owned(),
        name => (chosen.inputs.iter().find(|input| input.name == name))
            .map_or_else(|| name.to_owned(), |input| input.label.clone()),
    };
    let labels: Vec<String> = faults.iter().map(label).collect();
    (!labels.is_empty()).then(|| format!("Not sent. Please look at: {}.", labels.join(", ")))
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
