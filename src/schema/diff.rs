//! What two versions of a schema do otherwise.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Schema;

/// One difference; `from` and `to` are null where there is nothing.
#[derive(Debug, PartialEq, Serialize)]
pub struct Change {
    /// As in `type refund / state deny / label`.
    pub at: String,
    pub from: Value,
    pub to: Value,
}

/// In the order in which they are read, except that the version itself is none.
pub fn changes(old: &Schema, new: &Schema) -> Vec<Change> {
    let mut found = Vec::new();
    compare_members("", &members(old), &members(new), &mut found);
    found
}

fn members(schema: &Schema) -> Map<String, Value> {
    let definition = serde_json::from_str(schema.definition().get());
    let mut members: Map<String, Value> = definition.expect("a definition is a JSON object");
    members.remove("semver");
    members
}

fn compare_members(
    path: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    found: &mut Vec<Change>,
) {
    let removed = old.keys().filter(|key| !new.contains_key(*key));
    for key in new.keys().chain(removed) {
        let (from, to) = (old.get(key), new.get(key));
        let (from, to) = (from.unwrap_or(&Value::Null), to.unwrap_or(&Value::Null));
        match key.as_str() {
            "task_types" => compare_named(path, "type", from, to, found),
            "fields" => compare_named(path, "field", from, to, found),
            "states" => compare_named(path, "state", from, to, found),
            "checklist" => compare_named(path, "checklist item", from, to, found),
            "webhooks" => compare_named(path, "webhook", &as_named(from), &as_named(to), found),
            "form" => compare_named(path, "input", &inputs(from), &inputs(to), found),
            _ if from != to => found.push(change(path, key, from, to)),
            _ => {}
        }
    }
}

/// Lists whose entries are known by their name.
fn compare_named(path: &str, noun: &str, old: &Value, new: &Value, found: &mut Vec<Change>) {
    let (old, new) = (entries(old), entries(new));
    let same_name = |list: &[&Map<String, Value>], name: &Value| {
        list.iter().position(|entry| entry.get("name") == Some(name))
    };
    for entry in &new {
        let name = &entry["name"];
        let at = format!("{noun} {}", name.as_str().unwrap_or_default());
        match same_name(&old, name) {
            Some(place) => compare_members(&joined(path, &at), old[place], entry, found),
            None => found.push(change(path, &at, &Value::Null, &whole(entry))),
        }
    }
    for entry in old.iter().filter(|entry| same_name(&new, &entry["name"]).is_none()) {
        let at = format!("{noun} {}", entry["name"].as_str().unwrap_or_default());
        found.push(change(path, &at, &whole(entry), &Value::Null));
    }
    let order = |of: &[&Map<String, Value>], other: &[&Map<String, Value>]| {
        let both = of.iter().filter(|entry| same_name(other, &entry["name"]).is_some());
        both.map(|entry| entry["name"].clone()).collect::<Vec<_>>()
    };
    // What a receiver is sent has no order.
    let (before, after) = (order(&old, &new), order(&new, &old));
    if before != after && noun != "webhook" {
        found.push(change(path, &format!("order of {noun}s"), &before.into(), &after.into()));
    }
}

fn entries(list: &Value) -> Vec<&Map<String, Value>> {
    list.as_array().into_iter().flatten().filter_map(Value::as_object).collect()
}

fn whole(entry: &Map<String, Value>) -> Value {
    Value::Object(entry.clone())
}

fn as_named(names: &Value) -> Value {
    let names = names.as_array().into_iter().flatten();
    names.map(|name| serde_json::json!({"name": name})).collect()
}

/// The inputs of a form in its order, with what the form says of them.
fn inputs(form: &Value) -> Value {
    let order = form["x-order"].as_array().into_iter().flatten();
    let input = |name: &Value| {
        let mut input = form["properties"][name.as_str()?].as_object()?.clone();
        let required = form["required"].as_array()?.contains(name);
        input.insert("name".to_owned(), name.clone());
        input.insert("required".to_owned(), required.into());
        Some(Value::Object(input))
    };
    order.filter_map(input).collect()
}

fn change(path: &str, at: &str, from: &Value, to: &Value) -> Change {
    Change { at: joined(path, at), from: from.clone(), to: to.clone() }
}

fn joined(path: &str, at: &str) -> String {
    if path.is_empty() { at.to_owned() } else { format!("{path} / {at}") }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        let file = |types: &str| {
            parse(&format!("name: a\nsemver: '{}'\ntasktypes: [{types}]", types.len())).unwrap()
        };
        let changes = changes(&file(old), &file(new));
        changes.iter().map(|Change { at, from, to }| format!("{at}: {from} {to}")).collect()
    }

    #[test]
    fn each_difference_has_its_path() {
        let old = "{name: t, resolved_states: [x, {name: y, label: Y, args: [{name: a, kind: text}, {name: b, kind: integer}]}], fields: [{name: f}, {name: g}], webhooks: [task.created, task.resolved]}";
        for (from, to, expected) in [
            ("name: t", "name: t", &[][..]),
            ("label: Y", "label: Z", &["type t / state y / label: \"Y\" \"Z\""]),
            (
                "{name: f}, {name: g}",
                "{name: g}, {name: f}",
                &["type t / order of fields: [\"f\",\"g\"] [\"g\",\"f\"]"],
            ),
            ("task.created, task.resolved", "task.resolved, task.created", &[]),
            (
                "task.created, ",
                "task.updated, ",
                &[
                    "type t / webhook task.updated: null {\"name\":\"task.updated\"}",
                    "type t / webhook task.created: {\"name\":\"task.created\"} null",
                ],
            ),
            (
                "kind: text",
                "kind: text, required: true",
                &[
                    "type t / state y / input a / required: false true",
                    "type t / state y / input a / type: [\"string\",\"null\"] \"string\"",
                ],
            ),
            (
                "kind: integer",
                "kind: integer, min: 1",
                &["type t / state y / input b / minimum: null 1"],
            ),
            (
                "resolved_states",
                "respond_within: 4h, resolved_states",
                &["type t / respond_within: null 14400"],
            ),
        ] {
            assert_eq!(told(old, &old.replace(from, to)), *expected, "{from} {to}");
        }
        let added = told(old, &old.replace("[x,", "[x, z,"));
        assert!(added.len() == 1 && added[0].starts_with("type t / state z: null {"), "{added:?}");
        let removed = told(&old.replace("[x,", "[x, z,"), old);
        assert!(
            removed[0].starts_with("type t / state z: {") && removed[0].ends_with(" null"),
            "{removed:?}"
        );
    }
}
