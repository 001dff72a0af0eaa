//! What the documents promise is there, and what they show has been run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::CommandFactory;
use http::Method;
use serde_json::{Value, json};
use task_inbox::config::SETTINGS;

use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, sample};
use crate::source::{ROOT, complain, files};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// The contents of the fenced blocks of a language.
pub fn blocks(text: &str, language: &str) -> Vec<String> {
    let begin = format!("\n```{language}\n");
    text.split(&begin).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

/// What stands between two marks, wherever it does.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| Some(rest.split_once(after)?.0)).collect()
}

#[test]
fn the_receivers_of_the_readme_are_those_that_are_tested() {
    let readme = read("README.md");
    for (language, file) in
        [("python", "tests/receivers/receiver.py"), ("js", "tests/receivers/receiver.mjs")]
    {
        assert_eq!(blocks(&readme, language), [read(file).trim_end()], "{file}");
    }
}

#[test]
fn every_schema_in_a_document_passes_the_check() {
    for (path, text) in files(".", "md") {
        for block in blocks(&text, "yaml") {
            if let Err(problems) = task_inbox::schema::parse(&block) {
                panic!("{}: {}", path.display(), problems[0]);
            }
        }
    }
}

#[test]
fn every_setting_is_documented_and_no_other() {
    let operations = read("operations.md");
    for setting in SETTINGS {
        let default = match setting.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        let row = format!("\n| `{}` | {default} | {} |\n", setting.name, setting.help);
        assert!(operations.contains(&row), "operations.md lacks the row{row}");
    }

    let mut faults = Vec::new();
    for (path, text) in files(".", "md") {
        for rest in text.split("TASK_INBOX_").skip(1) {
            let end = rest.find(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
            let name = format!("TASK_INBOX_{}", &rest[..end.unwrap_or(rest.len())]);
            let plain = name.strip_suffix("_FILE").unwrap_or(&name);
            if SETTINGS.iter().all(|setting| setting.name != plain && setting.name != name) {
                faults.push(format!("{}: there is no setting {name}", path.display()));
            }
        }
    }
    complain(&faults);
}

#[test]
fn every_command_and_every_route_is_documented() {
    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let path = format!("{path}{}", command.get_name());
        if !command.has_subcommands() {
            found.push(path.clone());
        }
        for below in command.get_subcommands() {
            leaves(below, &format!("{path} "), found);
        }
    }
    let operations = read("operations.md");
    let mut wanted = Vec::new();
    leaves(&task_inbox::cli::Cli::command(), "", &mut wanted);
    let has_row =
        |name: &str| [" ", "`"].iter().any(|end| operations.contains(&format!("\n| `{name}{end}")));
    let mut faults: Vec<String> = wanted.into_iter().filter(|name| !has_row(name)).collect();

    for path in between(&read("src/api.rs"), ".route(\"", "\"") {
        let shown = operations.contains(&format!(" {path}` |"));
        // What only says that there is nothing has no row.
        if !shown && path.starts_with("/api/v1/") && !path.ends_with('/') {
            faults.push(path.to_owned());
        }
    }
    complain(&faults);
}

/// Codes as Rust and SQL write them, with the status where it stands beside.
fn codes() -> BTreeSet<(Option<String>, String)> {
    let mut codes = BTreeSet::new();
    for (_, text) in files("src", "rs") {
        for rest in text.split("Problem::new(").skip(1) {
            codes.insert((None, rest.split('"').nth(1).unwrap().to_owned()));
        }
    }
    for (_, text) in files("sql/functions", "sql") {
        for rest in text.split("raise sqlstate 'PT").skip(1) {
            let code = between(rest, "constraint = '", "'")[0];
            codes.insert((Some(rest[..3].to_owned()), code.to_owned()));
        }
    }
    codes
}

#[test]
fn every_rule_is_documented_and_no_other() {
    let (operations, migrations) = (read("operations.md"), files("sql/migrations", "sql"));
    let rows = between(&operations, "\n### Problem codes", "\n## ")[0];
    let documented: Vec<(String, String)> = rows
        .lines()
        .filter_map(|row| row.strip_prefix("| ")?.split_once(" | `"))
        .map(|(status, rest)| (status.to_owned(), rest.split('`').next().unwrap().to_owned()))
        .collect();
    assert!(!documented.is_empty());

    let mut faults = Vec::new();
    for (status, code) in codes() {
        let known = documented.iter().find(|(_, documented)| *documented == code);
        if known.is_none_or(|(documented, _)| status.is_some_and(|status| status != *documented)) {
            faults.push(format!("not documented, or with another status: {code}"));
        }
    }
    for (_, code) in documented {
        let raised = codes().iter().any(|(_, raised)| *raised == code);
        let constraint = format!("constraint {code} ");
        if !raised && !migrations.iter().any(|(_, text)| text.contains(&constraint)) {
            faults.push(format!("nothing answers {code}"));
        }
    }
    complain(&faults);
}

#[test]
fn every_link_leads_somewhere() {
    let mut faults = Vec::new();
    for (path, text) in files(".", "md") {
        for link in between(&text, "](", ")").iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            let there = fs::read(target).is_ok_and(|bytes| {
                let text = String::from_utf8_lossy(&bytes);
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                anchor.is_empty() || headings.any(|line| anchor_of(line) == anchor)
            });
            if !there {
                faults.push(format!("{}: {link}", path.display()));
            }
        }
    }
    complain(&faults);
}

/// The name under which a heading is linked to.
fn anchor_of(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = letters.chars().filter(|letter| letter.is_alphanumeric() || " -".contains(*letter));
    kept.collect::<String>().replace(' ', "-")
}

#[tokio::test]
async fn every_query_in_a_document_runs() {
    let server = Server::start().await;
    server.load(&sample()).await;
    for block in blocks(&read("README.md"), "yaml") {
        server.load(&block).await;
    }
    server.post_flag().await;
    let client = postgres::client(&server.database_url).await;
    let table_of_the_application = "create table shop_order (number text, status text)";
    client.batch_execute(table_of_the_application).await.unwrap();

    for document in ["README.md", "operations.md"] {
        for query in blocks(&read(document), "sql") {
            // The one that a superuser runs on an empty server.
            if query.contains("createrole") {
                continue;
            }
            client.batch_execute("begin").await.unwrap();
            if let Err(error) = client.batch_execute(&query).await {
                panic!("{document}: {:?}\n{query}", error.as_db_error());
            }
            client.batch_execute("rollback").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_webhook_has_the_members_that_are_documented() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let standard = "hook_auth: {kind: standard}";
    let source = sample().replace("hook_auth: {kind: head, val: ti-key}", standard);
    server.load(&source.replace("http://localhost:5001/api/v1/tihook", &hook.url)).await;
    server.make_secret("ti:sample").await;
    let meta = json!({"post": "Buy cheap watches!", "author": "bob"});
    let task = json!({"schema_name": "ti:sample", "task": "flag-content", "meta": meta});
    let path = format!("/tasks/{}/state", server.post(task, 201).await["id"].as_str().unwrap());
    server.call(Method::PATCH, &path, Some(json!({"state": "block"})), 200).await;

    let documented: Value =
        serde_json::from_str(&blocks(&read("operations.md"), "json")[0]).unwrap();
    assert_eq!(members(&hook.received(1).await[0].json()), members(&documented));
}

/// The paths of all members, whatever their values.
fn members(value: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (name, below) in value.as_object().into_iter().flatten() {
        paths.insert(name.clone());
        paths.extend(members(below).iter().map(|path| format!("{name}/{path}")));
    }
    paths
}
