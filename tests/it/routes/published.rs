//! The description of the API as published libraries read it: they check the file, and
//! make calls of it.

use std::fmt::Write;

use serde_json::json;
use tokio::process::Command;

use super::World;
use crate::source::ROOT;

/// Of the environment that `tools/setup test` made.
fn program(name: &str) -> Command {
    let mut command = Command::new(format!("{ROOT}/target/openapi/bin/{name}"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

async fn run(mut command: Command) {
    let output = command.output().await;
    let output = output.unwrap_or_else(|error| panic!("{error}; run `tools/setup test`"));
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{}", said.concat());
}

#[tokio::test]
#[ignore = "needs Python and its packages: `make test` brings them"]
async fn the_description_keeps_the_rules_of_openapi_and_its_examples_are_good() {
    let mut check = program("python");
    check.current_dir(ROOT).arg("tests/openapi/check.py");
    run(check).await;
}

#[tokio::test]
#[ignore = "needs Python and its packages: `make test` brings them"]
async fn every_answer_is_one_that_is_described() {
    let world = World::start().await;
    // One is settled soon, and what comes after it is refused.
    let mut tasks = vec![world.task];
    for _ in 0..20 {
        tasks.push(world.server.post_flag().await);
    }
    let mut config = include_str!("../../openapi/schemathesis.toml").to_owned();
    config.push_str("\n[dictionaries]\n");
    for (name, values) in [
        ("tasks", json!(tasks)),
        ("attachments", json!([world.attachment])),
        ("deliveries", json!([world.delivery])),
        ("endpoints", json!([world.endpoint])),
        ("schemas", json!(["ti:sample", "other"])),
        ("versions", json!(["\"1\"", "\"2\""])),
        ("types", json!(["flag-content", "t"])),
    ] {
        writeln!(config, "{name} = {{ values = {values} }}").unwrap();
    }
    // What it leaves behind goes with the folder.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schemathesis.toml"), config).unwrap();

    let mut calls = program("st");
    calls
        .current_dir(folder.path())
        .env("SCHEMATHESIS_HOOKS", format!("{ROOT}/tests/openapi/hooks.py"))
        .env("TASK_INBOX_KEY", &world.server.key)
        .args(["run", &format!("{ROOT}/assets/openapi.json"), "--url", &world.server.url]);
    // As `make fuzz` says: some of its rounds for each call, with other luck each time.
    if let Some(rounds) = std::env::var_os("FUZZ_ROUNDS") {
        let rounds: usize = rounds.to_string_lossy().parse().unwrap();
        let seed = rand::random::<u32>().to_string();
        calls.args(["--seed", &seed, "--max-examples", &(rounds / 100).max(1).to_string()]);
    }
    run(calls).await;
}
