//! The reasons of a state: an input `reason` that comes before all others.

use std::collections::BTreeMap;

use super::form::{Input, Options, shape};
use super::grammar::{description, label, name};
use super::input::Bounds;
use super::json::Json;
use super::keys::REASON;
use super::read::{Fields, found};
use super::yaml::{Entry, Node, Value};
use super::{Problem, Text};

/// With it a comment is required.
const OTHER: &str = "other";

#[derive(Default)]
pub struct Reasons {
    pub input: Option<Input>,
    /// What a reason puts into the comment.
    pub texts: BTreeMap<String, String>,
}

/// `comment` is that of the state, where "other" is explained.
pub fn reasons(state: &Fields<'_>, comment: &str, problems: &mut Vec<Problem>) -> Reasons {
    let Some(Entry { at, .. }) = state.get("reasons") else { return Reasons::default() };
    if comment == "none" {
        problems.push(at.problem(
            "\"reasons\" with comment \"none\", but the reason \"other\" wants a comment",
        ));
    }
    let (mut names, mut labels, mut texts) = (Vec::new(), Vec::new(), BTreeMap::new());
    for node in state.list("reasons", 1..=50, problems) {
        let Some((name, label, text)) = reason(node, problems) else { continue };
        if names.contains(&name) {
            problems.push(node.used.problem(format!("\"reasons\" has {name:?} twice")));
        }
        labels.push(label.as_ref().map_or(name.as_str(), Text::plain).to_owned());
        if let Some(text) = text {
            texts.insert(name.clone(), text.plain().to_owned());
        }
        names.push(name);
    }
    // A file may name it to give it a label.
    if !names.iter().any(|name| name == OTHER) {
        names.push(OTHER.to_owned());
        labels.push("Other".to_owned());
    }
    let values = names.into_iter().map(Json::Text).collect();
    let options = Options { values, labels: Some(labels) };
    let mut property = vec![("title".to_owned(), Json::text("Reason"))];
    property.extend(shape("select", true, Bounds::default(), Some(options)));
    let input = Input {
        name: "reason".to_owned(),
        required: true,
        has_default: false,
        property: Json::Map(property),
    };
    Reasons { input: Some(input), texts }
}

fn reason(
    node: &Node,
    problems: &mut Vec<Problem>,
) -> Option<(String, Option<Text>, Option<Text>)> {
    if !matches!(node.value, Value::Map(_)) {
        let name = name(node).map_err(|expected| {
            let message = format!("\"reasons\" has {}, expected {expected}", found(node));
            problems.push(node.at.problem(message));
        });
        return Some((name.ok()?, None, None));
    }
    let fields = Fields::of("a reason", node, &REASON, problems)?;
    let label = fields.text("label", problems, label);
    let text = fields.text("text", problems, description);
    Some((fields.read("name", problems, name)?, label, text))
}
