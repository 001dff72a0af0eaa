//! JSON Schema in words: what a value is, and which members it has.

use maud::{Markup, html};
use serde_json::Value;

use super::{found, items, text};
use crate::web::page;

/// The members of an object, or what else it is.
pub fn members(api: &Value, schema: &Value) -> Markup {
    let needed = items(&schema["required"]);
    html! {
        @if schema["$ref"].is_string() {
            p { (name(schema)) }
        } @else if let Some(properties) = schema["properties"].as_object() {
            dl.facts {
                @for (member, schema) in properties {
                    div {
                        dt { code { (member) } }
                        dd {
                            (kind(api, schema))
                            @if needed.iter().any(|name| name == member) { ", always" }
                            @if let Some(words) = schema["description"].as_str() { ". " (page::marked(words)) }
                        }
                    }
                }
            }
        } @else if let Some(parts) = schema["allOf"].as_array().or(schema["oneOf"].as_array()) {
            @for part in parts { (members(api, part)) }
        } @else {
            p { (kind(api, schema)) }
        }
    }
}

/// A link to the shape that is named, or nothing.
pub fn name(schema: &Value) -> Markup {
    let name = text(&schema["$ref"]).rsplit('/').next().unwrap_or_default();
    html! { @if !name.is_empty() { a href={ "#shape-" (name) } { (name) } } }
}

pub fn kind(api: &Value, schema: &Value) -> Markup {
    if schema["$ref"].is_string() {
        return name(schema);
    }
    let kinds = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        kinds => items(kinds).iter().map(text).collect::<Vec<_>>().join(" or "),
    };
    let bounds = [
        ("minimum", "from"),
        ("maximum", "to"),
        ("minLength", "characters, from"),
        ("maxLength", "characters, to"),
        ("minItems", "items, from"),
        ("maxItems", "items, to"),
        ("format", "as"),
        ("default", "else"),
    ];
    let bounds = bounds.iter().filter(|(key, _)| !schema[*key].is_null());
    html! {
        @if let Some(choices) = schema["enum"].as_array() {
            @for (place, choice) in choices.iter().enumerate() {
                @if place > 0 { ", " } code { (choice) }
            }
        } @else if let Some(choices) = schema["oneOf"].as_array() {
            @for (place, choice) in choices.iter().enumerate() {
                @if place > 0 { " or " } (kind(api, found(api, choice)))
            }
        } @else if kinds.is_empty() { "anything" } @else { (kinds) }
        @if schema["items"].is_object() { " of " (kind(api, &schema["items"])) }
        @for (key, word) in bounds { ", " (word) " " (page::marked(&plain(&schema[*key]))) }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
