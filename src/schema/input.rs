//! One input of a form: its bounds, what can be chosen, and whether its default fits.

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use super::Problem;
use super::form::Options;
use super::grammar::{self, is_line};
use super::json::{Json, compare, count, number, whole};
use super::keys::OPTION;
use super::read::{Fields, found};
use super::yaml::{Entry, Node, Value};

const MAX_OPTIONS: usize = 100;
const MAX_TEXT: &str = "4000";
/// Of a JSON value, written out.
const MAX_JSON: usize = 16 * 1024;

/// Lengths of a text, or ends of a range.
#[derive(Default)]
pub struct Bounds {
    /// What JSON Schema calls them.
    pub names: (&'static str, &'static str),
    pub min: Option<String>,
    pub max: Option<String>,
}

impl Bounds {
    fn hold(&self, number: &str) -> bool {
        self.min.as_ref().is_none_or(|min| compare(min, number).is_le())
            && self.max.as_ref().is_none_or(|max| compare(number, max).is_le())
    }

    fn in_words(&self) -> String {
        match (&self.min, &self.max) {
            (Some(min), Some(max)) => format!(" from {min} to {max}"),
            (Some(min), None) => format!(" of at least {min}"),
            (None, Some(max)) => format!(" of at most {max}"),
            (None, None) => String::new(),
        }
    }
}

pub fn bounds(fields: &Fields<'_>, kind: &str, problems: &mut Vec<Problem>) -> Bounds {
    type Read = fn(&Node) -> Result<String, String>;
    let (read, names): (Read, _) = match kind {
        "text" | "long_text" => (count, ("minLength", "maxLength")),
        "integer" | "money" => (whole, ("minimum", "maximum")),
        "number" => (number, ("minimum", "maximum")),
        _ => {
            for key in ["min", "max"] {
                if let Some(Entry { at, .. }) = fields.get(key) {
                    problems.push(at.problem(format!(
                        "{key:?} with kind {kind:?}, expected with text and numbers only"
                    )));
                }
            }
            return Bounds::default();
        }
    };
    let min = fields.read("min", problems, read);
    let mut max = fields.read("max", problems, read);
    if names.1 == "maxLength" && fields.get("max").is_none() {
        max = Some(MAX_TEXT.to_owned());
    }
    if let (Some(least), Some(most), Some(node)) = (&min, &max, fields.node("min"))
        && compare(least, most).is_gt()
    {
        problems.push(
            node.at.problem(format!("\"min\" is {least}, expected at most \"max\", here {most}")),
        );
    }
    Bounds { names, min, max }
}

/// Of a select; each once, with its JSON type.
pub fn options(fields: &Fields<'_>, kind: &str, problems: &mut Vec<Problem>) -> Option<Options> {
    if kind != "select" {
        if let Some(Entry { at, .. }) = fields.get("options") {
            problems.push(
                at.problem(format!(
                    "\"options\" with kind {kind:?}, expected with \"select\" only"
                )),
            );
        }
        return None;
    }
    if fields.get("options").is_none()
        && let Some(kind) = fields.node("kind")
    {
        problems.push(kind.at.problem("missing key \"options\" of a select"));
    }
    let (mut values, mut labels, mut any_label) = (Vec::new(), Vec::new(), false);
    for node in fields.list("options", 1..=MAX_OPTIONS, problems) {
        let (value, label) = match node.value {
            Value::Map(_) => {
                let Some(option) = Fields::of("an option", node, &OPTION, problems) else {
                    continue;
                };
                let label = option.text("label", problems, grammar::label);
                let Some(value) = option.node("value") else { continue };
                (value, label)
            }
            _ => (node, None),
        };
        let Some(json) = option_value(value, problems) else { continue };
        if values.iter().any(|other: &Json| other.same(&json)) {
            problems.push(value.used.problem(format!("\"options\" has {} twice", found(value))));
        }
        any_label |= label.is_some();
        let spelled = grammar::scalar(value).unwrap_or_default().to_owned();
        labels.push(label.map_or(spelled, |label| label.plain().to_owned()));
        values.push(json);
    }
    Some(Options { values, labels: any_label.then_some(labels) })
}

fn option_value(node: &Node, problems: &mut Vec<Problem>) -> Option<Json> {
    let fits = match &node.value {
        Value::Text(text) => is_line(text, 200),
        Value::Number(_) | Value::Boolean(..) => true,
        _ => false,
    };
    if !fits {
        problems.push(node.at.problem(format!(
            "\"options\" has {}, expected one line of 1 to 200 characters, a number, true or false",
            found(node)
        )));
        return None;
    }
    Json::of(node, problems)
}

/// The first value, which must be one that the input takes.
pub fn default(
    fields: &Fields<'_>,
    kind: &str,
    required: bool,
    bounds: &Bounds,
    options: &Option<Options>,
    problems: &mut Vec<Problem>,
) -> Option<Json> {
    let node = fields.node("default")?;
    let value = Json::of(node, problems)?;
    let fault = match options {
        Some(options) if options.values.iter().any(|option| option.same(&value)) => None,
        Some(_) => Some("one of \"options\"".to_owned()),
        None => misfit(kind, required, bounds, &value),
    };
    match fault {
        None => Some(value),
        Some(expected) => {
            problems.push(
                node.at.problem(format!("\"default\" is {}, expected {expected}", found(node))),
            );
            None
        }
    }
}

/// What was expected instead.
fn misfit(kind: &str, required: bool, bounds: &Bounds, value: &Json) -> Option<String> {
    let (fits, expected) = match kind {
        "text" | "long_text" => {
            let length = |text: &String| bounds.hold(&text.chars().count().to_string());
            let fits = matches!(value, Json::Text(text) if length(text));
            (fits, format!("text with a length{}", bounds.in_words()))
        }
        "number" => {
            let fits = matches!(value, Json::Number(number) if bounds.hold(number));
            (fits, format!("a number{}", bounds.in_words()))
        }
        "integer" | "money" => {
            let whole = |number: &str| !number.contains('.') && bounds.hold(number);
            let fits = matches!(value, Json::Number(number) if whole(number));
            (fits, format!("a whole number{}", bounds.in_words()))
        }
        "checkbox" if required => {
            (*value == Json::Boolean(true), "true, since it must be ticked".to_owned())
        }
        "checkbox" => (matches!(value, Json::Boolean(_)), "true or false".to_owned()),
        "json" => {
            let small = serde_json::to_string(value).is_ok_and(|text| text.len() <= MAX_JSON);
            let fits = small && matches!(value, Json::Map(_) | Json::List(_));
            (fits, format!("a mapping or a list of at most {MAX_JSON} bytes"))
        }
        _ => {
            let (reads, expected): (fn(&str) -> bool, _) = match kind {
                "date" => (is_date, "a date such as 2026-12-31"),
                "datetime" => (is_datetime, "a time such as 2026-12-31T18:00:00+01:00"),
                "url" => (is_url, "a URL that starts with \"http://\" or \"https://\""),
                _ => (is_email, "one mail address"),
            };
            (matches!(value, Json::Text(text) if reads(text)), expected.to_owned())
        }
    };
    (!fits).then_some(expected)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.as_bytes()[4] == b'-' && text.parse::<Date>().is_ok()
}

/// RFC 3339, with its offset.
fn is_datetime(text: &str) -> bool {
    // The parser would also take hours alone.
    let signs = [(10, b'T'), (13, b':'), (16, b':')];
    signs.iter().all(|(place, sign)| text.as_bytes().get(*place) == Some(sign))
        && !text.contains(['[', ','])
        && text.parse::<Timestamp>().is_ok()
}

fn is_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://"))
        && text.len() <= 2_000
        && !text.contains(char::is_whitespace)
        && Url::parse(text).is_ok()
}

fn is_email(text: &str) -> bool {
    let odd = |letter: char| letter.is_whitespace() || "<>,;:\"()[]\\".contains(letter);
    text.len() <= 254
        && !text.contains(odd)
        && text
            .split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !host.is_empty() && !host.contains('@'))
}
