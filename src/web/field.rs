//! One input of a form, by its kind: the element that a phone has a keyboard for.

use maud::{Markup, html};

use super::page;
use super::typed::{Fault, range};
use crate::task::Input;

/// With what was typed, or what stands in it at first.
pub fn field(input: &Input, name: &str, id: &str, value: &str, fault: Option<&Fault>) -> Markup {
    let described = described(input, id, fault);
    let shown = Shown { input, id, name, value, described, invalid: fault.map(|_| "true") };
    html! {
        div.field {
            @if input.kind == "checkbox" {
                (shown.checkbox())
            } @else {
                label for=(id) dir="auto" {
                    (input.label)
                    @if let Some(currency) = input.currency.as_ref().filter(|_| input.kind == "money") { " (" (currency) ")" }
                    @if input.kind == "datetime" { " (UTC)" }
                    @if !input.required { span.optional { " optional" } }
                }
                (shown.element())
            }
            @if let Some(hint) = hint(input) { p.hint id={ (id) "-hint" } dir="auto" { (hint) } }
            @if let Some(fault) = fault { (complaint(id, &input.label, &fault.words)) }
        }
    }
}

/// "Amount must be at least 0.01.", beside its field and tied to it.
pub fn complaint(id: &str, label: &str, words: &str) -> Markup {
    html! { p.wrong id={ (id) "-wrong" } { (label) " " (page::sentence_end(words)) } }
}

fn hint(input: &Input) -> Option<String> {
    let limits = match input.kind.as_str() {
        "money" | "number" | "integer" => limits(input),
        _ => None,
    };
    match (&input.help, limits) {
        (Some(help), Some(limits)) => Some(format!("{help} {limits}")),
        (help, limits) => help.clone().or(limits),
    }
}

fn limits(input: &Input) -> Option<String> {
    let words = range(input);
    let words = words.trim_start().trim_start_matches("of ");
    (!words.is_empty()).then(|| page::sentence(words))
}

/// What a reader of the field hears besides its label.
fn described(input: &Input, id: &str, fault: Option<&Fault>) -> Option<String> {
    let hint = hint(input).map(|_| format!("{id}-hint"));
    let wrong = fault.map(|_| format!("{id}-wrong"));
    let both: Vec<String> = hint.into_iter().chain(wrong).collect();
    (!both.is_empty()).then(|| both.join(" "))
}

struct Shown<'a> {
    input: &'a Input,
    id: &'a str,
    name: &'a str,
    value: &'a str,
    described: Option<String>,
    invalid: Option<&'a str>,
}

impl Shown<'_> {
    fn element(&self) -> Markup {
        match self.input.kind.as_str() {
            "long_text" => self.area(3, "auto"),
            "json" => self.area(8, "ltr"),
            "select" => self.select(),
            // A browser counts in doubles.
            "number" | "integer" if self.value.len() > 15 => {
                self.line("text", Some("decimal"), None)
            }
            "number" => self.line("number", Some("decimal"), Some("any")),
            "integer" => self.line("number", Some("numeric"), Some("1")),
            "money" => self.line("text", Some("decimal"), None),
            "date" => self.line("date", None, None),
            // Any: seconds that an application sent are kept.
            "datetime" => self.line("datetime-local", None, Some("any")),
            "url" => self.line("url", None, None),
            "email" => self.line("email", None, None),
            _ => self.line("text", None, None),
        }
    }

    fn line(&self, kind: &str, keyboard: Option<&str>, step: Option<&str>) -> Markup {
        let input = self.input;
        let of_number = step.filter(|_| kind == "number").and(Some(()));
        let of_text = (input.kind == "text").then_some(());
        html! {
            input id=(self.id) name=(self.name) type=(kind) inputmode=[keyboard] step=[step] value=(self.value)
                required[input.required] min=[of_number.and(input.min.as_ref())] max=[of_number.and(input.max.as_ref())]
                minlength=[of_text.and(input.min.as_ref())] maxlength=[of_text.and(input.max.as_ref())]
                autocomplete="off" dir=[(kind == "text").then_some("auto")]
                aria-describedby=[self.described.as_ref()] aria-invalid=[self.invalid];
        }
    }

    fn area(&self, rows: u8, direction: &str) -> Markup {
        let input = self.input;
        let of_text = (input.kind == "long_text").then_some(());
        html! {
            textarea id=(self.id) name=(self.name) rows=(rows) required[input.required] dir=(direction)
                minlength=[of_text.and(input.min.as_ref())] maxlength=[of_text.and(input.max.as_ref())]
                spellcheck=[(input.kind == "json").then_some("false")]
                aria-describedby=[self.described.as_ref()] aria-invalid=[self.invalid] {
                // A browser drops the first line's end of a text area.
                "\n" (self.value)
            }
        }
    }

    fn select(&self) -> Markup {
        let input = self.input;
        html! {
            select id=(self.id) name=(self.name) required[input.required]
                aria-describedby=[self.described.as_ref()] aria-invalid=[self.invalid] {
                option value="" { @if input.required { "Choose…" } @else { "—" } }
                @for choice in &input.choices {
                    option value=(choice.value) selected[choice.value == self.value] { (choice.label) }
                }
            }
        }
    }

    fn checkbox(&self) -> Markup {
        let input = self.input;
        html! {
            label.tick dir="auto" {
                input id=(self.id) name=(self.name) type="checkbox" value="true" checked[self.value == "true"]
                    required[input.required] aria-describedby=[self.described.as_ref()] aria-invalid=[self.invalid];
                span { (input.label) }
            }
        }
    }
}
