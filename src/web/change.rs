//! What somebody sent from the page of facts: which fields they touched, and the
//! change that asks for. What nobody touched stays as it is, whatever it is.

use std::collections::BTreeMap;

use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};

use super::WebError;
use super::typed::{self, Fault, Named};
use crate::error::Problem;
use crate::json;
use crate::task::{FactInput, Input};

/// In front of a fact's name: one may be called "version" too.
const META: &str = "meta.";
/// In front of the name of a field: a mark of what stood in it.
pub const WAS: &str = "was.";

/// The form of a task's facts.
#[derive(Debug, Deserialize)]
pub struct Inputs {
    facts: Vec<FactInput>,
    /// Urgency, deadline, tags.
    basics: Vec<Input>,
    /// Labels of facts that are too large for a form.
    pub left_out: Vec<String>,
}

/// One field of the form.
pub struct Line<'a> {
    pub name: String,
    pub input: &'a Input,
    /// Of a fact.
    path: Option<&'a [String]>,
    /// Of an amount whose currency is a fact.
    currency_from: Option<&'a str>,
    pub blur: bool,
}

impl Inputs {
    pub fn lines(&self) -> Vec<Line<'_>> {
        let facts = self.facts.iter().map(|fact| Line {
            name: format!("{META}{}", fact.input.name),
            input: &fact.input,
            path: Some(&fact.path),
            currency_from: fact.currency_from.as_deref(),
            blur: fact.blur,
        });
        let basics = self.basics.iter().map(|input| Line {
            name: input.name.clone(),
            input,
            path: None,
            currency_from: None,
            blur: false,
        });
        facts.chain(basics).collect()
    }
}

impl Line<'_> {
    pub fn value(&self) -> &str {
        self.input.value.as_deref().unwrap_or_default()
    }

    /// Tells later whether somebody touched the field, also when the task has
    /// changed since.
    pub fn mark(&self, value: &str) -> String {
        mark(&self.input.kind, value)
    }

    /// As faults name it.
    fn pointer(&self) -> String {
        match self.path {
            None => format!("/{}", self.name),
            Some(path) => {
                let steps = path.iter().map(|step| format!("/{}", json::escaped(step)));
                format!("/meta{}", steps.collect::<String>())
            }
        }
    }

    fn fault(&self, words: String) -> Fault {
        Fault { field: self.name.clone(), words }
    }

    /// The JSON to put there; none: take away what is there.
    fn given(&self, typed: &str) -> Result<Option<Box<RawValue>>, String> {
        if typed.contains('\0') {
            return Err("has a character that no text may have (NUL)".to_owned());
        }
        if self.path.is_none() && self.input.name == "tags" {
            let tags: Vec<&str> =
                typed.lines().map(str::trim).filter(|tag| !tag.is_empty()).collect();
            return Ok(to_raw_value(&tags).ok());
        }
        typed::value(self.input, &typed.replace("\r\n", "\n"))
    }
}

/// Without what a browser does to a value that nobody touched.
fn plain(kind: &str, value: &str) -> String {
    let lines = value.replace("\r\n", "\n").replace('\r', "\n");
    match kind {
        "long_text" | "json" => lines,
        "text" => lines.replace('\n', ""),
        "checkbox" if lines == "false" => String::new(),
        // Seconds that are zero are left out.
        "datetime" => {
            let instant = typed::instant(lines.trim());
            instant.parse::<Timestamp>().map_or(instant, |at| at.to_string())
        }
        _ => lines.trim().to_owned(),
    }
}

fn mark(kind: &str, value: &str) -> String {
    let digest = Sha256::digest(plain(kind, value).as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Debug, Default)]
pub struct Sent {
    pub version: i32,
    /// By the whole form: a box that is not in it was not ticked.
    filled: bool,
    typed: BTreeMap<String, String>,
    was: BTreeMap<String, String>,
}

impl Sent {
    /// Without the version that somebody saw nothing is changed.
    pub fn of(fields: Vec<(String, String)>) -> Result<Sent, WebError> {
        let mut sent = Sent::default();
        for (name, value) in fields {
            match name.as_str() {
                "version" => sent.version = value.parse().unwrap_or_default(),
                "filled" => sent.filled = true,
                _ => match name.strip_prefix(WAS) {
                    Some(name) => drop(sent.was.insert(name.to_owned(), value)),
                    None => drop(sent.typed.insert(name, value)),
                },
            }
        }
        if sent.version < 1 {
            return Err(StatusCode::UNPROCESSABLE_ENTITY.into());
        }
        Ok(sent)
    }

    /// What somebody typed in place of what they saw.
    pub fn touched<'a>(&'a self, line: &Line<'_>) -> Option<&'a str> {
        let unticked = (self.filled && line.input.kind == "checkbox").then_some("");
        let typed = self.typed.get(&line.name).map(String::as_str).or(unticked)?;
        let mark = line.mark(typed);
        let same = match self.was.get(&line.name) {
            Some(was) => *was == mark,
            None => line.mark(line.value()) == mark,
        };
        (!same).then_some(typed)
    }

    /// What was typed for facts that have no field any more, in words.
    pub fn lost(&self, inputs: &Inputs) -> Option<String> {
        let lines = inputs.lines();
        let facts = self.typed.iter().filter(|(name, _)| name.starts_with(META));
        let gone = facts.filter(|(name, typed)| {
            let was = self.was.get(*name).filter(|_| !lines.iter().any(|line| line.name == **name));
            // Of what kind its field was is not known any more.
            was.is_some_and(|was| {
                ["long_text", "text", "datetime", ""].iter().all(|kind| mark(kind, typed) != *was)
            })
        });
        let gone: Vec<String> = gone
            .map(|(name, typed)| {
                format!("“{}”, for which you wrote “{typed}”", name.trim_start_matches(META))
            })
            .collect();
        (!gone.is_empty()).then(|| {
            format!("Not saved. Meanwhile it has no field here any more: {}.", gone.join("; "))
        })
    }

    /// Somebody else changed what this person was changing too.
    fn overtaken(&self, line: &Line<'_>) -> Option<Fault> {
        self.touched(line)?;
        let was = self.was.get(&line.name)?;
        let value = line.value();
        (*was != line.mark(value)).then(|| {
            let now = match line.input.choices.iter().find(|choice| choice.value == value) {
                Some(choice) => &choice.label,
                None => value,
            };
            line.fault(match now.chars().count() {
                0 => "was emptied meanwhile".to_owned(),
                1..=80 if !line.blur => format!("was changed meanwhile; now it is “{now}”"),
                _ => "was changed meanwhile".to_owned(),
            })
        })
    }

    /// For facts_change.sql, or what is not of its kind. That is not sent on: where
    /// no kind is declared a text would be taken for what was meant.
    pub fn change(&self, inputs: &Inputs) -> Result<Box<RawValue>, Vec<Fault>> {
        #[derive(Serialize)]
        struct Fact<'a> {
            path: &'a [String],
            value: Option<Box<RawValue>>,
        }
        #[derive(Default, Serialize)]
        struct Given<'a> {
            meta: Vec<Fact<'a>>,
            #[serde(flatten)]
            basics: BTreeMap<&'a str, Option<Box<RawValue>>>,
        }
        let (mut given, mut faults) = (Given::default(), Vec::new());
        let lines = inputs.lines();
        for line in &lines {
            let Some(typed) = self.touched(line) else { continue };
            if self.changes_currency(line, &lines) {
                faults.push(line.fault(
                    "was read in the old currency; save that alone, then the amount".to_owned(),
                ));
                continue;
            }
            match (line.given(typed), line.path) {
                (Ok(value), Some(path)) => given.meta.push(Fact { path, value }),
                (Ok(value), None) => drop(given.basics.insert(&line.input.name, value)),
                (Err(words), _) => faults.push(line.fault(words)),
            }
        }
        match to_raw_value(&given) {
            Ok(given) if faults.is_empty() => Ok(given),
            _ => Err(faults),
        }
    }

    /// An amount of another currency may have other decimals.
    fn changes_currency(&self, amount: &Line<'_>, lines: &[Line<'_>]) -> bool {
        let Some(from) = amount.currency_from else { return false };
        lines.iter().any(|line| {
            line.pointer().strip_prefix("/meta") == Some(from) && self.touched(line).is_some()
        })
    }

    /// The fields to look at: those that are wrong, then those somebody else changed.
    pub fn faults(
        &self,
        inputs: &Inputs,
        ours: Vec<Fault>,
        problem: Option<&Problem>,
    ) -> Vec<Fault> {
        let (mut faults, lines) = (ours, inputs.lines());
        for Named { pointer, detail } in problem.map(typed::named).unwrap_or_default() {
            // Its own field, or else that of the least whole it is in.
            let within = lines.iter().filter_map(|line| {
                let rest = pointer.strip_prefix(&line.pointer())?.to_owned();
                (rest.is_empty() || rest.starts_with('/')).then_some((line, rest))
            });
            faults.extend(within.min_by_key(|(_, rest)| rest.len()).map(|(line, rest)| {
                line.fault(match rest.as_str() {
                    "" => said(line.input, &detail),
                    rest => format!("at {rest} {detail}"),
                })
            }));
        }
        faults.extend(lines.iter().filter_map(|line| self.overtaken(line)));
        faults
    }
}

/// SQL speaks of a deadline by its column.
fn said(input: &Input, detail: &str) -> String {
    match detail {
        _ if detail.ends_with(" lies in the past") => "must lie in the future".to_owned(),
        _ if detail.contains(" is a time with an offset") => "must be a time".to_owned(),
        detail => typed::said(input, detail),
    }
}
