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
    pub blur: bool,
}

impl Inputs {
    pub fn lines(&self) -> Vec<Line<'_>> {
        let facts = self.facts.iter().map(|fact| Line {
            name: format!("{META}{}", fact.input.name),
            input: &fact.input,
            path: Some(&fact.path),
            blur: fact.blur,
        });
        let basics = self.basics.iter().map(|input| Line {
            name: input.name.clone(),
            input,
            path: None,
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
        let digest = Sha256::digest(self.plain(value).as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Without what a browser does to a value that nobody touched.
    fn plain(&self, value: &str) -> String {
        let lines = value.replace("\r\n", "\n").replace('\r', "\n");
        match self.input.kind.as_str() {
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
                typed.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
            return Ok(to_raw_value(&tags).ok());
        }
        typed::value(self.input, &typed.replace("\r\n", "\n"))
    }
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
                1..=80 => format!("was changed meanwhile; now it is “{now}”"),
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
        for line in inputs.lines() {
            let Some(typed) = self.touched(&line) else { continue };
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

    /// The fields to look at: those that are wrong, then those somebody else changed.
    pub fn faults(
        &self,
        inputs: &Inputs,
        ours: Vec<Fault>,
        problem: Option<&Problem>,
    ) -> Vec<Fault> {
        let (mut faults, lines) = (ours, inputs.lines());
        for Named { pointer, detail } in problem.map(typed::named).unwrap_or_default() {
            let fault = lines.iter().find_map(|line| {
                let rest = pointer.strip_prefix(&line.pointer())?;
                match rest {
                    "" => Some(line.fault(said(line.input, &detail))),
                    // The whole that it is in, where it has no field of its own.
                    rest => {
                        rest.starts_with('/').then(|| line.fault(format!("at {rest} {detail}")))
                    }
                }
            });
            faults.extend(fault);
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
