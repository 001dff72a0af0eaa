//! `meta_schema`: the part of JSON Schema that SQL checks at a post. It has no
//! patterns: one can keep a server busy for ever, and there are many dialects.

use super::json::{Json, compare, count, number};
use super::keys::META_SCHEMA;
use super::read::{Fields, one_of, quoted};
use super::yaml::{Entry, Node, Value};
use super::{Field, Problem};

const MAX_DEPTH: usize = 8;
const MAX_KEYWORDS: usize = 200;
const TYPES: &[&str] = &["object", "array", "string", "number", "integer", "boolean", "null"];

/// Which of two must not be more than the other, or not as much.
const PAIRS: &[(&str, &str, bool)] = &[
    ("minLength", "maxLength", true),
    ("minItems", "maxItems", true),
    ("minProperties", "maxProperties", true),
    ("minimum", "maximum", true),
    ("exclusiveMinimum", "exclusiveMaximum", false),
    ("minimum", "exclusiveMaximum", false),
    ("exclusiveMinimum", "maximum", false),
];

/// As it stands in the file.
pub fn meta_schema(
    task_type: &Fields<'_>,
    facts: &[Field],
    problems: &mut Vec<Problem>,
) -> Option<Json> {
    let Entry { at, node, .. } = task_type.get("meta_schema")?;
    let mut keywords = 0;
    check(node, 1, &mut keywords, problems);
    if keywords > MAX_KEYWORDS {
        let message =
            format!("\"meta_schema\" has {keywords} keywords, expected at most {MAX_KEYWORDS}");
        problems.push(at.problem(message));
    }
    let schema = Json::of(node, problems)?;
    let types = types(&schema);
    if !types.is_empty() && !types.contains(&"object") {
        problems.push(at.problem("\"meta_schema\" wants no object, but \"meta\" is always one"));
    }
    agree(&schema, facts, problems);
    Some(schema)
}

fn check(node: &Node, depth: usize, keywords: &mut usize, problems: &mut Vec<Problem>) {
    if depth > MAX_DEPTH {
        let message = format!("\"meta_schema\" is nested deeper than {MAX_DEPTH} levels");
        problems.push(node.at.problem(message));
        return;
    }
    let Some(fields) = Fields::of("a schema within \"meta_schema\"", node, &META_SCHEMA, problems)
    else {
        return;
    };
    for key in META_SCHEMA.keys.iter().filter(|key| fields.get(key).is_some()) {
        *keywords += 1;
        check_keyword(&fields, key, problems);
    }
    for (low, high, may_be_equal) in PAIRS {
        let (Some(low_node), Some(high_node)) = (fields.node(low), fields.node(high)) else {
            continue;
        };
        let (Ok(least), Ok(most)) = (number(low_node), number(high_node)) else { continue };
        let order = compare(&least, &most);
        if order.is_gt() || (order.is_eq() && !may_be_equal) {
            let message = format!("{low:?} is {least}, but {high:?} is {most}");
            problems.push(low_node.at.problem(message));
        }
    }
    for entry in fields.entries("properties", problems) {
        check(&entry.node, depth + 1, keywords, problems);
    }
    for key in ["items", "additionalProperties"] {
        match fields.node(key) {
            Some(node) if !matches!(node.value, Value::Boolean(..)) || key == "items" => {
                check(node, depth + 1, keywords, problems);
            }
            _ => {}
        }
    }
}

fn check_keyword(fields: &Fields<'_>, key: &str, problems: &mut Vec<Problem>) {
    match key {
        "type" => match fields.node(key).map(|node| &node.value) {
            Some(Value::List(_)) => {
                fields.each(key, 1..=TYPES.len(), problems, type_name);
            }
            _ => {
                let or_list = |expected| format!("{expected}, or a list of these");
                fields.read(key, problems, |node| type_name(node).map_err(or_list));
            }
        },
        "enum" => {
            fields.list(key, 1..=1_000, problems);
        }
        "required" => {
            fields.each(key, 0..=MAX_KEYWORDS, problems, text);
        }
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            fields.read(key, problems, count);
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
            fields.read(key, problems, number);
        }
        "format" | "title" | "description" => {
            fields.read(key, problems, text);
        }
        // Any value, or looked at by who walks through them.
        _ => {}
    }
}

fn type_name(node: &Node) -> Result<&'static str, String> {
    // Null without quotes is no text: it would compile to a type that is none.
    let written = text(node).unwrap_or_default();
    TYPES.iter().copied().find(|name| *name == written).ok_or_else(|| one_of(TYPES, "or"))
}

fn text(node: &Node) -> Result<String, String> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err("text".to_owned()),
    }
}

fn types(schema: &Json) -> Vec<&'static str> {
    let listed = match schema.member("type") {
        Some(Json::List(types)) => types.as_slice(),
        Some(only) => std::slice::from_ref(only),
        None => &[],
    };
    let names = listed.iter().filter_map(|json| match json {
        // One that is none was told where it stands.
        Json::Text(name) => TYPES.iter().copied().find(|known| known == name),
        _ => None,
    });
    names.collect()
}

/// A fact that `fields` shows in one way and `meta_schema` wants in another could
/// never be posted.
fn agree(schema: &Json, facts: &[Field], problems: &mut Vec<Problem>) {
    let closed = schema.member("additionalProperties") == Some(&Json::Boolean(false));
    for fact in facts {
        let property = schema.member("properties").and_then(|all| all.member(&fact.name));
        let name = quoted(&fact.name);
        let Some(property) = property else {
            if closed && fact.required {
                let message = format!(
                    "field {name} is required, but \"meta_schema\" takes only its \"properties\""
                );
                problems.push(fact.at.problem(message));
            }
            continue;
        };
        let wanted = match fact.kind {
            Some("number" | "integer" | "money") => &["number", "integer"][..],
            Some("checkbox") => &["boolean"],
            Some("json") => &["object", "array"],
            Some("select") | None => continue,
            Some(_) => &["string"],
        };
        let types = types(property);
        if !types.is_empty() && !types.iter().any(|name| wanted.contains(name)) {
            problems.push(fact.at.problem(format!(
                "\"kind\" is {:?}, but \"meta_schema\" wants {} for {name}",
                fact.kind.unwrap_or_default(),
                one_of(&types, "or")
            )));
        }
    }
}
