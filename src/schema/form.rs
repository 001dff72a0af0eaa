//! Forms: what a person fills in with a decision. A form compiles to a flat JSON
//! Schema that any validator judges as we do; what only we know stands in `x-…`.

use serde::Serialize;

use super::facts::currency;
use super::grammar::{boolean, description, label, name, pointer, word};
use super::input::{Bounds, bounds, default, options};
use super::json::Json;
use super::keys::{INPUT, KINDS};
use super::read::{Fields, Seen, quoted};
use super::{Problem, Text};

pub const MAX_INPUTS: usize = 50;

/// The compiled form.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Form {
    json: Json,
    /// What nobody but a person can fill in: required, and without a default.
    #[serde(skip)]
    pub wants: Vec<String>,
}

pub struct Input {
    pub name: String,
    pub required: bool,
    pub has_default: bool,
    pub property: Json,
}

/// What is chosen from, each with a label if any has one.
pub struct Options {
    pub values: Vec<Json>,
    pub labels: Option<Vec<String>>,
}

/// None when nothing is asked. `reason` comes from the reasons of a state.
pub fn form(
    of: &Fields<'_>,
    key: &str,
    reason: Option<Input>,
    problems: &mut Vec<Problem>,
) -> Option<Form> {
    let has_reasons = reason.is_some();
    let mut inputs: Vec<Input> = reason.into_iter().collect();
    let mut seen = Seen::default();
    for node in of.list(key, 0..=MAX_INPUTS, problems) {
        let Some(fields) = Fields::of("an input", node, &INPUT, problems) else { continue };
        let Some(input) = input(&fields, problems) else { continue };
        let Some(name) = fields.node("name") else { continue };
        if has_reasons && input.name == "reason" {
            problems.push(name.used.problem(
                "input \"reason\" next to \"reasons\", which makes an input of that name",
            ));
        }
        if let Some(line) = seen.before(&input.name, name) {
            let message =
                format!("input {} is named twice, first on line {line}", quoted(&input.name));
            problems.push(name.used.problem(message));
        }
        inputs.push(input);
    }
    (!inputs.is_empty()).then(|| compiled(inputs, has_reasons))
}

fn compiled(inputs: Vec<Input>, has_reasons: bool) -> Form {
    let names = |of: fn(&Input) -> bool| {
        let chosen = inputs.iter().filter(|input| of(input));
        chosen.map(|input| input.name.clone()).collect::<Vec<_>>()
    };
    let list = |names: &[String]| Json::texts(names.iter().map(String::as_str));
    let (order, required) = (names(|_| true), names(|input| input.required));
    let wants = names(|input| input.required && !input.has_default);
    let mut members = vec![
        ("type".to_owned(), Json::text("object")),
        ("required".to_owned(), list(&required)),
        ("additionalProperties".to_owned(), Json::Boolean(false)),
        ("x-order".to_owned(), list(&order)),
    ];
    if has_reasons {
        members.push(("x-reasons".to_owned(), Json::Boolean(true)));
    }
    let properties = inputs.into_iter().map(|input| (input.name, input.property));
    members.push(("properties".to_owned(), Json::Map(properties.collect())));
    Form { json: Json::Map(members), wants }
}

fn input(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<Input> {
    let label = fields.text("label", problems, label);
    let help = fields.text("help", problems, description);
    let required = fields.read("required", problems, boolean).unwrap_or(false);
    let from = fields.read("from", problems, pointer);
    let name = fields.read("name", problems, name);
    let kind = fields.read("kind", problems, word(KINDS));
    let (currency, currency_from) = currency("an input", fields, kind, problems);
    let (name, kind) = (name?, kind?);
    let bounds = bounds(fields, kind, problems);
    let options = options(fields, kind, problems);
    let default = default(fields, kind, required, &bounds, &options, problems);

    let title = label.as_ref().map_or(name.as_str(), Text::plain);
    let mut property = vec![("title".to_owned(), Json::text(title))];
    let mut put = |name: &str, value: Option<Json>| {
        property.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("description", help.as_ref().map(|help| Json::text(help.plain())));
    let has_default = default.is_some();
    put("default", default);
    put("x-currency", currency.map(Json::Text));
    put("x-currency-from", currency_from.map(Json::Text));
    put("x-from", from.map(Json::Text));
    property.extend(shape(kind, required, bounds, options));
    Some(Input { name, required, has_default, property: Json::Map(property) })
}

/// What a validator looks at, and the kind. Absent and null are the same to us,
/// so what is not required may be null.
pub fn shape(
    kind: &str,
    required: bool,
    bounds: Bounds,
    options: Option<Options>,
) -> Vec<(String, Json)> {
    let mut members = vec![("x-kind".to_owned(), Json::text(kind))];
    let mut put = |name: &str, value| members.push((name.to_owned(), value));
    if let Some(Options { mut values, labels }) = options {
        if let Some(labels) = labels {
            put("x-labels", Json::texts(labels.iter().map(String::as_str)));
        }
        if !required {
            values.push(Json::Null);
        }
        put("enum", Json::List(values));
        return members;
    }
    if kind == "checkbox" && required {
        put("const", Json::Boolean(true));
        return members;
    }
    let mut types = match kind {
        "number" => vec!["number"],
        "integer" | "money" => vec!["integer"],
        "checkbox" => vec!["boolean"],
        "json" => vec!["object", "array"],
        _ => vec!["string"],
    };
    if !required {
        types.push("null");
    }
    let types = if let [only] = types[..] { Json::text(only) } else { Json::texts(types) };
    put("type", types);
    let format = match kind {
        "date" => Some("date"),
        "datetime" => Some("date-time"),
        "url" => Some("uri"),
        "email" => Some("email"),
        _ => None,
    };
    if let Some(format) = format {
        put("format", Json::text(format));
    }
    for (name, number) in [(bounds.names.0, bounds.min), (bounds.names.1, bounds.max)] {
        if let Some(number) = number {
            put(name, Json::Number(number));
        }
    }
    members
}
