//! The states of a task type.

use std::collections::BTreeMap;

use super::form::form;
use super::grammar::{self, boolean, label, name, scalar, word};
use super::keys::STATE;
use super::read::{Fields, Seen, found, one_of, quoted};
use super::reasons::reasons;
use super::yaml::{Entry, Node, Value};
use super::{Problem, State};

pub const MAX_STATES: usize = 100;

/// The names in the two lists, to check what refers to them.
pub struct Declared<'a> {
    pending: Vec<&'a str>,
    resolved: Vec<&'a str>,
}

impl<'a> Declared<'a> {
    pub fn in_type(fields: &Fields<'a>) -> Self {
        let names = |key| match fields.node(key).map(|node| &node.value) {
            Some(Value::List(items)) => items.iter().filter_map(state_name).collect(),
            _ => Vec::new(),
        };
        Self { pending: names("pending_states"), resolved: names("resolved_states") }
    }

    pub fn pending(&self, node: &Node) -> Result<String, String> {
        match find(&self.pending, node) {
            Some(state) => Ok(state),
            None if self.pending.is_empty() => {
                Err("a pending state, of which this type has none".to_owned())
            }
            None => Err(format!("a pending state: {}", few(&self.pending))),
        }
    }

    pub fn any(&self, node: &Node) -> Result<String, String> {
        self.named(scalar(node).unwrap_or_default())
    }

    pub fn named(&self, written: &str) -> Result<String, String> {
        let all = [self.pending.as_slice(), &self.resolved].concat();
        match all.contains(&written) {
            true => Ok(written.to_owned()),
            false => Err(format!("a state: {}", few(&all))),
        }
    }
}

fn state_name(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Map(entries) => {
            entries.iter().find(|entry| entry.key == "name").and_then(|entry| scalar(&entry.node))
        }
        _ => scalar(node),
    }
}

fn find(names: &[&str], node: &Node) -> Option<String> {
    let written = scalar(node)?;
    names.iter().find(|name| **name == written).map(|name| (*name).to_owned())
}

/// A hundred names are no help in a sentence.
fn few(names: &[&str]) -> String {
    match names.get(..8) {
        Some(first) if names.len() > 8 => {
            format!("{} and {} more", one_of(first, "or"), names.len() - 8)
        }
        _ => one_of(names, "or"),
    }
}

/// Pending states first, then the resolved ones, each in the order of the file.
pub fn states(
    fields: &Fields<'_>,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<State> {
    let pending = fields.list("pending_states", 0..=MAX_STATES, problems);
    let resolved = fields.list("resolved_states", 1..=MAX_STATES, problems);
    if let Some(Entry { at, .. }) = fields.get("resolved_states")
        && pending.len() + resolved.len() > MAX_STATES
    {
        let count = pending.len() + resolved.len();
        problems.push(
            at.problem(format!("a task type with {count} states, expected at most {MAX_STATES}")),
        );
    }

    let mut states: Vec<State> = Vec::new();
    let mut seen = Seen::default();
    let sides =
        pending.iter().map(|node| (node, false)).chain(resolved.iter().map(|node| (node, true)));
    for (node, is_resolved) in sides {
        let Some((state, name)) = state(node, is_resolved, declared, problems) else { continue };
        if let Some(line) = seen.before(&state.name, name) {
            let twice = states
                .iter()
                .any(|other| other.name == state.name && other.resolved == is_resolved);
            let how = if twice { "named twice" } else { "both pending and resolved" };
            problems.push(
                name.used.problem(format!("state {:?} is {how}, first on line {line}", state.name)),
            );
        }
        states.push(state);
    }
    states
}

/// A state and the node of its name.
fn state<'a>(
    node: &'a Node,
    resolved: bool,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Option<(State, &'a Node)> {
    if scalar(node).is_some() {
        let name = name(node).map_err(|expected| {
            problems.push(
                node.at.problem(format!("state name is {}, expected {expected}", found(node))),
            );
        });
        return Some((plain(name.ok()?, resolved), node));
    }

    if !matches!(node.value, Value::Map(_)) {
        let message =
            format!("a state is {}, expected a name, or a mapping with \"name\"", found(node));
        problems.push(node.at.problem(message));
        return None;
    }
    let fields = Fields::of("a state", node, &STATE, problems)?;
    let outcome = fields.read("outcome", problems, word(&["positive", "negative", "neutral"]));
    if let Some(Entry { at, .. }) = fields.get("outcome")
        && !resolved
    {
        problems.push(at.problem("\"outcome\" on a pending state, expected on resolved ones only"));
    }
    let outcome = outcome.unwrap_or("neutral");
    let style = fields.read("style", problems, word(&["primary", "plain", "danger"]));
    let label = fields.text("label", problems, label);
    let confirm = fields.read("confirm", problems, confirm).unwrap_or("no");
    let comment = fields
        .read("comment", problems, word(&["none", "optional", "required"]))
        .unwrap_or("optional");
    let reasons = reasons(&fields, comment, problems);
    let form = form(&fields, "args", reasons.input, problems);
    let name = fields.read("name", problems, name)?;
    let only_from = only_from(&fields, &name, declared, problems);
    let state = State {
        name,
        resolved,
        label,
        outcome,
        style: style.unwrap_or(if outcome == "positive" { "primary" } else { "plain" }),
        confirm,
        comment,
        only_from,
        form,
        reason_texts: reasons.texts,
    };
    Some((state, fields.node("name")?))
}

fn plain(name: String, resolved: bool) -> State {
    State {
        name,
        resolved,
        label: None,
        outcome: "neutral",
        style: "plain",
        confirm: "no",
        comment: "optional",
        only_from: None,
        form: None,
        reason_texts: BTreeMap::new(),
    }
}

fn confirm(node: &Node) -> Result<&'static str, String> {
    match boolean(node) {
        Ok(true) => Ok("yes"),
        Ok(false) => Ok("no"),
        Err(_) => grammar::word(&["type"])(node).map_err(|_| "true, false or \"type\"".to_owned()),
    }
}

/// A settled task moves nowhere, so only pending states and "new" can be left.
fn only_from(
    fields: &Fields<'_>,
    own_name: &str,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Option<String>>> {
    fields.get("only_from")?;
    let mut seen = Seen::default();
    let mut from = Vec::new();
    for node in fields.list("only_from", 1..=MAX_STATES, problems) {
        let state = match node.value {
            Value::Null => None,
            _ => match declared.pending(node) {
                Ok(state) => Some(state),
                Err(expected) => {
                    let message =
                        format!("\"only_from\" has {}, expected null or {expected}", found(node));
                    problems.push(node.at.problem(message));
                    continue;
                }
            },
        };
        let written = state.as_deref().unwrap_or("null");
        if written == own_name {
            problems.push(
                node.at.problem(format!("\"only_from\" has the state {} itself", quoted(own_name))),
            );
        }
        if seen.before(written, node).is_some() {
            problems.push(node.at.problem(format!("\"only_from\" has {} twice", quoted(written))));
        }
        from.push(state);
    }
    Some(from)
}
