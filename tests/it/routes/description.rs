//! What `assets/openapi.json` says of the API is true, and all of it.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::Value;
use task_inbox::openapi;

use super::api;
use crate::server::{Server, client};
use crate::source::{ROOT, complain};

fn description() -> Value {
    serde_json::from_str(openapi::TEXT).unwrap()
}

/// Method and path, and what is said of the call.
fn calls(api: &Value) -> BTreeMap<(String, String), &Value> {
    let mut calls = BTreeMap::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, call) in methods.as_object().unwrap() {
            calls.insert((method.to_uppercase(), path.clone()), call);
        }
    }
    calls
}

/// The names of the scopes of which one is enough, by either header.
fn scopes(call: &Value) -> [BTreeSet<&str>; 2] {
    let needs = call["security"].as_array().unwrap();
    ["bearer", "apiKey"]
        .map(|header| needs.iter().filter_map(|one| one[header][0].as_str()).collect())
}

#[test]
fn every_route_is_described_with_its_scopes_and_no_other() {
    let api = description();
    let mut described = calls(&api);
    let open = described.remove(&("GET".into(), "/api/v1/openapi.json".into())).unwrap();
    assert_eq!(open["security"], serde_json::json!([]));
    let mut faults = Vec::new();
    for route in api::ROUTES.iter().filter(|route| !route.path.ends_with('/')) {
        let name = format!("{} {}", route.method, route.path);
        match described.remove(&(route.method.into(), route.path.into())) {
            None => faults.push(format!("not described: {name}")),
            Some(call) => {
                let expected: BTreeSet<&str> = route.scopes.iter().copied().collect();
                if scopes(call) != [expected.clone(), expected] {
                    faults.push(format!("other scopes: {name}"));
                }
            }
        }
    }
    faults.extend(described.keys().map(|call| format!("there is no {call:?}")));
    complain(&faults);
}

#[test]
fn every_code_of_the_description_is_documented_with_its_status() {
    let api = description();
    let operations = std::fs::read_to_string(format!("{ROOT}/operations.md")).unwrap();
    let mut faults = Vec::new();
    for ((method, path), call) in calls(&api) {
        for (status, answer) in call["responses"].as_object().unwrap() {
            let place = answer["$ref"].as_str().map(|place| place.trim_start_matches('#'));
            let answer = place.map_or(answer, |place| api.pointer(place).unwrap());
            let codes = answer["x-codes"].as_array();
            assert_eq!(codes.is_some(), status.as_str() >= "400", "{method} {path} {status}");
            for code in codes.into_iter().flatten() {
                let code = code.as_str().unwrap();
                if !operations.contains(&format!("\n| {status} | `{code}` | "))
                    || !answer["description"].as_str().unwrap().contains(&format!("`{code}`"))
                {
                    faults.push(format!("{method} {path}: {status} {code}"));
                }
            }
        }
    }
    complain(&faults);
}

#[tokio::test]
async fn the_description_is_there_for_programs_and_for_people() {
    let server = Server::start().await;
    let get = async |path: &str| {
        let response = client().get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        (response.headers()["content-type"].clone(), response.text().await.unwrap())
    };
    let file = get("/api/v1/openapi.json").await;
    assert_eq!((file.0.to_str().unwrap(), file.1.as_str()), ("application/json", openapi::TEXT));

    let (kind, page) = get("/api/docs").await;
    assert_eq!(kind, "text/html; charset=utf-8");
    let api = description();
    for ((method, path), call) in calls(&api) {
        assert!(page.contains(&format!("<code>{method} {path}</code>")), "{method} {path}");
        let id = call["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    // Each link within the page leads somewhere.
    for link in page.split("href=\"#").skip(1) {
        let name = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{name}\"")), "{name}");
    }
    for code in ["meta_valid", "task_open", "version_stale", "waiters"] {
        assert!(page.contains(&format!("<code>{code}</code>")), "{code}");
    }
}

#[tokio::test]
async fn every_get_answers_head_with_the_same_headers_and_no_body() {
    let world = super::World::start().await;
    let key = format!("Bearer {}", world.server.key);
    for route in api::ROUTES.iter().filter(|route| route.method == "GET") {
        let headers = [("authorization", key.as_str()), ("accept-encoding", "identity")];
        let got = world.ask(&Method::GET, route.path, &headers, "").await;
        let head = world.ask(&Method::HEAD, route.path, &headers, "").await;
        assert_eq!(head.status(), got.status(), "{}", route.path);
        for name in ["content-type", "content-length", "etag", "content-disposition"] {
            // The feed and the log grow while they are read.
            if name != "content-length" || !route.path.ends_with("/audit") {
                assert_eq!(
                    head.headers().get(name),
                    got.headers().get(name),
                    "{} {name}",
                    route.path
                );
            }
        }
        assert!(head.bytes().await.unwrap().is_empty(), "{}", route.path);
    }
}

#[tokio::test]
async fn no_call_takes_a_query_parameter_it_does_not_know() {
    let world = super::World::start().await;
    let key = format!("Bearer {}", world.server.key);
    for route in api::ROUTES {
        let path = world.filled(route.path);
        let path = format!("{path}{}unknown=1", if path.contains('?') { "&" } else { "?" });
        let method: Method = route.method.parse().unwrap();
        let headers = [("authorization", key.as_str())];
        let found = super::answered(world.ask(&method, &path, &headers, route.body).await).await;
        assert_eq!(found, (422, "query_shape".to_owned()), "{method} {path}");
    }
}
