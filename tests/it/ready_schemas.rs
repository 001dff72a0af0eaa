//! The ready schemas, and the examples in the documents that post to them.

use std::process::Command;

use http::Method;
use serde_json::Value;

use crate::server::Server;
use crate::source::{ROOT, files};

const READY: [&str; 4] = ["refunds", "content-moderation", "account-deletion", "agent-approval"];

/// What each `curl` of a block was given, as a shell understands it.
fn curls(block: &str) -> Vec<Vec<String>> {
    let script = format!(
        "task-inbox() {{ :; }}\ncurl() {{ printf '%s\\0' \"$@\"; printf '\\1'; }}\n{block}"
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{block}\n{output:?}");
    let calls = String::from_utf8(output.stdout).unwrap();
    let words = |call: &str| call.split_terminator('\0').map(str::to_owned).collect();
    calls.split_terminator('\u{1}').map(words).collect()
}

async fn run(server: &Server, curl: &[String], id: &str) -> Value {
    let (url, options) = curl.split_first().unwrap();
    let path = url.strip_prefix("http://127.0.0.1:8080/api/v1").unwrap();
    let path = path.replace("ID", id).replace("wait=60", "wait=0");
    let (mut headers, mut body) = (Vec::new(), None);
    for option in options.chunks(2) {
        match (option[0].as_str(), &option[1]) {
            ("-H", header) => headers.extend(header.split_once(": ")),
            ("-d", data) => body = Some(data.clone()),
            _ => panic!("{curl:?}"),
        }
    }
    assert_eq!(headers[0], ("api-key", "tik_…"), "{curl:?}");
    let (method, status) = if body.is_some() { (Method::POST, 201) } else { (Method::GET, 200) };
    server.call_with(&server.key, method, &path, &headers[1..], body, status).await
}

#[tokio::test]
async fn each_ready_schema_loads_and_takes_its_example() {
    let server = Server::start().await;
    let operations = std::fs::read_to_string(format!("{ROOT}/operations.md")).unwrap();
    for name in READY {
        server.load(&std::fs::read_to_string(format!("{ROOT}/schemas/{name}.yml")).unwrap()).await;
        let command = format!("```sh\ntask-inbox schema apply schemas/{name}.yml\n");
        let block = operations.split(&command).nth(1).unwrap().split("\n```").next().unwrap();
        let mut id = String::new();
        for curl in curls(block) {
            let answer = run(&server, &curl, &id).await;
            assert_eq!(answer["task"]["schema"], name, "{answer}");
            assert!(!answer["task"]["title"].as_str().unwrap().contains('—'), "{answer}");
            id = answer["task"]["id"].as_str().unwrap().to_owned();
        }
        assert!(!id.is_empty(), "{name} has no example");
    }
}

#[test]
fn every_schema_file_passes_the_check() {
    for (path, text) in files("schemas", "yml") {
        if let Err(problems) = task_inbox::schema::parse(&text) {
            panic!("{}: {}", path.display(), problems[0]);
        }
    }
}
