//! The description of the API as published libraries read it: they check the file, and
//! make calls of it.

use serde_json::json;
use tokio::process::Command;

use super::World;
use crate::source::ROOT;

async fn check(arguments: &[&str]) -> String {
    let program = format!("{ROOT}/target/openapi/bin/python");
    let mut command = Command::new(&program);
    command.current_dir(ROOT).arg("tests/openapi/check.py").args(arguments);
    let output = command.output().await;
    let output =
        output.unwrap_or_else(|error| panic!("{program}: {error}; run `tools/setup test`"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
#[ignore = "needs Python and its packages: `make test` brings them"]
async fn the_description_keeps_the_rules_of_openapi_and_its_examples_are_good() {
    check(&["file"]).await;
}

#[tokio::test]
#[ignore = "needs Python and its packages: `make test` brings them"]
async fn every_answer_is_one_that_is_described() {
    let world = World::start().await;
    let ids = json!({
        "tasks": [world.task], "attachments": [world.attachment], "schemas": ["ti:sample", "other"],
        "deliveries": [world.delivery], "endpoints": [world.endpoint],
    });
    check(&["server", &world.server.url, &world.server.key, &ids.to_string()]).await;
}
