//! YAML task schema → checked struct → the jsonb that `load_schema()` takes.

mod checklist;
mod diff;
mod facts;
mod form;
mod grammar;
mod hook;
mod input;
mod json;
mod keys;
mod life;
mod meta_schema;
mod read;
mod reasons;
mod reserved;
mod reserved_keys;
mod states;
mod task_type;
#[cfg(test)]
mod test_definition;
#[cfg(test)]
mod test_life;
#[cfg(test)]
mod test_limits;
#[cfg(test)]
mod test_refusals;
#[cfg(test)]
mod test_reserved;
#[cfg(test)]
mod tests;
mod urgency;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

pub use diff::{Change, changes};
use form::Form;
use json::Json;
use life::Life;
use urgency::Rule;
use yaml::Place;

/// A larger file is refused before it is parsed.
pub const MAX_BYTES: usize = 256 * 1024;

/// More would hide the first ones and make a long answer of a short mistake.
const MAX_PROBLEMS: usize = 100;

/// What is wrong with a schema file, and where; both counts start at 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    pub line: u64,
    pub column: u64,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

/// A checked schema file. It serializes to its compiled form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schema {
    pub name: String,
    pub semver: String,
    pub label: Text,
    #[serde(rename = "hook_url")]
    pub default_hook_url: Option<String>,
    pub hook_auth: HookAuth,
    pub task_types: Vec<TaskType>,
}

/// What people read: one string, or one per language.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Text {
    Plain(String),
    Languages(BTreeMap<String, String>),
}

impl Text {
    /// In the default language, as the function `plain_text` of SQL has it.
    fn plain(&self) -> &str {
        match self {
            Text::Plain(text) => text,
            Text::Languages(texts) => {
                texts.get("en").or_else(|| texts.values().min()).map_or("", String::as_str)
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum HookAuth {
    /// The hook key travels in this header, next to the signature.
    Head {
        val: String,
    },
    Standard,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskType {
    pub name: String,
    pub label: Option<Text>,
    pub description: Option<Text>,
    pub title: Option<Text>,
    pub fields: Vec<Field>,
    meta_schema: Option<Json>,
    pub initial_state: Option<String>,
    pub hook_url: Option<String>,
    pub webhooks: Vec<&'static str>,
    pub urgency: &'static str,
    urgency_rules: Vec<Rule>,
    pub undo_seconds: Option<u8>,
    #[serde(flatten)]
    life: Life,
    pub states: Vec<State>,
}

/// How a fact of `meta` is shown. Absent is not `false`: the suffix
/// `__preview` of a name decides then.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    pub name: String,
    pub label: Option<Text>,
    pub kind: Option<&'static str>,
    pub currency: Option<String>,
    pub currency_from: Option<String>,
    pub required: bool,
    pub preview: Option<bool>,
    pub blur: Option<bool>,
    /// Where its kind stands, to say what contradicts it.
    #[serde(skip)]
    at: Place,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct State {
    pub name: String,
    pub resolved: bool,
    pub label: Option<Text>,
    pub outcome: &'static str,
    pub style: &'static str,
    pub confirm: &'static str,
    pub comment: &'static str,
    /// The inner `None` is a task without a state, a new one.
    pub only_from: Option<Vec<Option<String>>>,
    form: Option<Form>,
    /// What a reason puts into the comment.
    reason_texts: BTreeMap<String, String>,
}

impl Schema {
    /// Where its webhooks go.
    pub fn hook_urls(&self) -> Vec<String> {
        let of_types = self.task_types.iter().map(|task_type| &task_type.hook_url);
        let mut urls: Vec<String> =
            of_types.chain([&self.default_hook_url]).flatten().cloned().collect();
        urls.sort();
        urls.dedup();
        urls
    }

    /// Whether an upload of it would change nothing, versions aside.
    pub fn does_the_same(&self, other: &Schema) -> bool {
        let renamed = Schema { semver: other.semver.clone(), ..self.clone() };
        renamed.definition().get() == other.definition().get()
    }

    /// The compiled form: the same file, comments and spacing aside, always
    /// gives the same value, so two uploads can be compared by it. As text,
    /// because numbers keep their digits.
    pub fn definition(&self) -> Box<RawValue> {
        to_raw_value(self).expect("strings, flags and lists are always JSON")
    }
}

/// Reads and checks a schema file. A syntax error comes alone, since nothing
/// behind it can be trusted; of all else, every problem is told at once, in
/// the order of the file.
pub fn parse(source: &str) -> Result<Schema, Vec<Problem>> {
    let (root, mut problems) = yaml::read(source).map_err(|problem| vec![problem])?;
    let schema = task_type::schema(&root, &mut problems);
    match schema {
        Some(schema) if problems.is_empty() => Ok(schema),
        _ => Err(tidy(problems)),
    }
}

/// An anchor used twice would tell its problems twice.
fn tidy(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    if problems.len() > MAX_PROBLEMS {
        problems.truncate(MAX_PROBLEMS);
        let Problem { line, column, .. } = problems[MAX_PROBLEMS - 1];
        problems.push(Problem { line, column, message: "more problems follow".to_owned() });
    }
    problems
}
