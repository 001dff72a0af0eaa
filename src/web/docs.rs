//! The description of the API for people: `assets/openapi.json`, call by call. For
//! everybody, as the file itself.

mod shape;

use std::sync::LazyLock;

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::page;
use crate::openapi;

static DESCRIPTION: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(openapi::TEXT).expect("a test has read the file"));

/// The page says the same as long as the program runs.
static PAGE: LazyLock<String> = LazyLock::new(|| whole(&DESCRIPTION).into_string());

pub async fn show() -> axum::response::Html<&'static str> {
    axum::response::Html(&PAGE)
}

fn whole(api: &Value) -> Markup {
    let info = &api["info"];
    page::sheet(
        "API",
        html! {
            h1 { "The API of " (text(&info["title"])) }
            p { (text(&info["summary"])) }
            @for paragraph in text(&info["description"]).split("\n\n") { p { (page::marked(paragraph)) } }
            p {
                "For programs: " a href="/api/v1/openapi.json" { "openapi.json" }
                ", also printed by " code { "task-inbox openapi" } "."
            }
            section {
                h2 { "Keys" }
                @for scheme in members(&api["components"]["securitySchemes"]).values() {
                    p { (page::marked(text(&scheme["description"]))) }
                }
            }
            @for tag in items(&api["tags"]) {
                section {
                    h2 { (text(&tag["name"])) }
                    p.hint { (text(&tag["description"])) }
                    @for (path, method, call) in calls(api, &tag["name"]) { (one(api, path, method, call)) }
                }
            }
            section {
                h2 { "Shapes" }
                @for (name, schema) in members(&api["components"]["schemas"]) {
                    details #{ "shape-" (name) } open {
                        summary { (name) }
                        @if let Some(words) = schema["description"].as_str() { p.hint { (page::marked(words)) } }
                        (shape::members(api, schema))
                    }
                }
            }
        },
    )
}

fn calls<'a>(
    api: &'a Value,
    tag: &'a Value,
) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
    let all = members(&api["paths"]).iter().flat_map(|(path, methods)| {
        members(methods).iter().map(move |(method, call)| (path.as_str(), method.as_str(), call))
    });
    all.filter(move |(_, _, call)| call["tags"][0] == *tag)
}

fn one(api: &Value, path: &str, method: &str, call: &Value) -> Markup {
    html! {
        article #(text(&call["operationId"])) {
            h3 { (text(&call["summary"])) }
            p { code { (method.to_uppercase()) " " (path) } }
            @if let Some(words) = call["description"].as_str() { p { (page::marked(words)) } }
            dl.facts {
                div { dt { "Scope" } dd { (scopes(call)) } }
                @for parameter in items(&call["parameters"]) { (taken(api, found(api, parameter))) }
            }
            @for (kind, body) in members(&call["requestBody"]["content"]) {
                h4 { "Body " span.hint { (kind) } }
                (shape::members(api, &body["schema"]))
                (example(api, body))
            }
            h4 { "Answers" }
            dl.facts {
                @for (status, answer) in members(&call["responses"]) { (answered(found(api, answer), status)) }
            }
            @for answer in members(&call["responses"]).values() {
                @for body in members(&found(api, answer)["content"]).values() { (example(api, body)) }
            }
        }
    }
}

fn taken(api: &Value, parameter: &Value) -> Markup {
    html! {
        div {
            dt { code { (text(&parameter["name"])) } " " (text(&parameter["in"])) }
            dd {
                (shape::kind(api, &parameter["schema"]))
                @if parameter["required"] == true { ", required" }
                @if let Some(words) = parameter["description"].as_str() { ". " (page::marked(words)) }
            }
        }
    }
}

fn answered(answer: &Value, status: &str) -> Markup {
    html! {
        div {
            dt { (status) }
            dd {
                (page::marked(text(&answer["description"])))
                @for (kind, body) in members(&answer["content"]) {
                    @if !kind.starts_with("application/problem") {
                        ", " (kind) " " (shape::name(&body["schema"]))
                    }
                }
            }
        }
    }
}

fn example(api: &Value, body: &Value) -> Markup {
    let shown = match &body["example"] {
        Value::Null => &found(api, &body["examples"]["one"])["value"],
        example => example,
    };
    html! {
        @match shown {
            Value::Null => {}
            Value::String(text) => details { summary { "Example" } pre { (text) } }
            shown => details { summary { "Example" } pre { (format!("{shown:#}")) } }
        }
    }
}

/// One of them is enough; by either header.
fn scopes(call: &Value) -> String {
    let named = items(&call["security"]).iter().filter_map(|one| one["bearer"][0].as_str());
    let scopes: Vec<&str> = named.collect();
    if scopes.is_empty() { "none, and no key".to_owned() } else { scopes.join(" or ") }
}

/// What is named elsewhere in the file, or the thing itself.
fn found<'a>(api: &'a Value, thing: &'a Value) -> &'a Value {
    let there = thing["$ref"].as_str().and_then(|place| api.pointer(place.strip_prefix('#')?));
    there.unwrap_or(thing)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> &Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}
