//! What somebody sent from the form of a move: its arguments, which SQL judges, and
//! the comment.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::value::{RawValue, to_raw_value};

use super::WebError;
use super::typed::{Fault, Named, named, said, text, value};
use crate::error::Problem;
use crate::task::{Input, Move};

/// In front of an input's name: a form may ask for a "version" too.
pub const ARG: &str = "args.";

#[derive(Debug, Default)]
pub struct Decision {
    pub version: i32,
    pub state: String,
    pub comment: String,
    /// From the page that asks twice.
    pub confirmed: bool,
    pub word: String,
    /// As typed, by the name of the input; None: no form was sent.
    pub typed: Option<BTreeMap<String, String>>,
}

impl Decision {
    pub fn of(sent: Vec<(String, String)>) -> Decision {
        let mut decision = Decision::default();
        for (name, value) in sent {
            match name.as_str() {
                "version" => decision.version = value.parse().unwrap_or_default(),
                "state" => decision.state = value,
                // Browsers send a line's end as CR LF.
                "comment" => decision.comment = value.trim().replace("\r\n", "\n"),
                "confirmed" => decision.confirmed = !value.is_empty(),
                "word" => decision.word = value,
                "filled" => drop(decision.typed.get_or_insert_default()),
                name => {
                    if let Some(name) = name.strip_prefix(ARG) {
                        let typed = decision.typed.get_or_insert_default();
                        typed.insert(name.to_owned(), value.replace("\r\n", "\n"));
                    }
                }
            }
        }
        decision
    }

    /// What stands in an input: what was typed, or what it begins with.
    pub fn shown<'a>(&'a self, input: &'a Input) -> &'a str {
        let found = match &self.typed {
            Some(typed) => typed.get(&input.name),
            None => input.value.as_ref(),
        };
        found.map_or("", String::as_str)
    }

    /// Without the version that somebody saw nothing is decided.
    pub fn seen(self) -> Result<Decision, WebError> {
        if self.version < 1 || self.state.is_empty() {
            return Err(StatusCode::UNPROCESSABLE_ENTITY.into());
        }
        Ok(self)
    }

    /// What goes with this move: nothing where it takes none, and where nothing
    /// was written the text of the reason.
    pub fn comment_for(&self, chosen: Option<&Move>) -> Option<String> {
        let Some(chosen) = chosen else { return some(&self.comment) };
        if chosen.comment == "none" {
            return None;
        }
        some(&self.comment).or_else(|| {
            let reason: String = serde_json::from_str(self.typed.as_ref()?.get("reason")?).ok()?;
            chosen.reason_texts.get(&reason).cloned()
        })
    }

    /// The arguments. What is not of its kind goes as text, so that SQL refuses it;
    /// the fault says more nearly why.
    pub fn args(&self, chosen: &Move) -> (Option<Box<RawValue>>, Vec<Fault>) {
        let (mut args, mut faults) = (BTreeMap::new(), Vec::new());
        if chosen.inputs.is_empty() {
            return (None, faults);
        }
        for input in &chosen.inputs {
            let typed = self.typed.as_ref().and_then(|typed| typed.get(&input.name));
            match value(input, typed.map_or("", String::as_str)) {
                Ok(Some(value)) => drop(args.insert(&input.name, value)),
                Ok(None) => {}
                Err(words) => {
                    args.insert(&input.name, text(typed.map_or("", String::as_str)));
                    faults.push(Fault { field: input.name.clone(), words });
                }
            }
        }
        (to_raw_value(&args).ok(), faults)
    }
}

/// The fields that a refusal names, and why in the words of a form.
pub fn faults(problem: &Problem, inputs: &[Input], mut ours: Vec<Fault>) -> Vec<Fault> {
    for Named { pointer, detail } in named(problem) {
        let field = match pointer.strip_prefix("/args/") {
            Some(rest) => rest.split('/').next().unwrap_or(rest),
            None if pointer == "/comment" => "comment",
            None => continue,
        };
        if ours.iter().any(|fault| fault.field == field) {
            continue;
        }
        let input = inputs.iter().find(|input| input.name == field);
        let words = match input {
            Some(input) => said(input, &detail),
            None if detail.contains(" needs a comment") => "is needed".to_owned(),
            None => detail,
        };
        ours.push(Fault { field: field.to_owned(), words });
    }
    ours
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
