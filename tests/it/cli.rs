//! The command line, through the real program.

mod ask;
mod demo;
pub mod shell;
mod verbs;
mod versions;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::hook::Hook;
use crate::server::{Server, client, sample, within};
use shell::{SECRET_KEY, Shell, program, run};

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

#[tokio::test]
async fn wrong_usage_is_told_from_a_failure_by_the_exit_code() {
    let shell = Shell::with_sample().await;
    for wrong in [
        &["frobnicate"][..],
        &["schema"],
        &["task", "show", "no-uuid"],
        &["task", "list", "--open", "--resolved"],
        &["task", "post", "ti:sample", "flag-content", "--meta", "{"],
        &["task", "post", "ti:sample", "flag-content", "--context", "{"],
        &["task", "post", "ti:sample", "flag-content", "--wait", "soon"],
        &["task", "list", "--all", "--limit", "5"],
        &["task", "assign", NOBODY],
        &["task", "assign", NOBODY, "ana", "--nobody"],
        &["task", "snooze", NOBODY],
        &["task", "snooze", NOBODY, "tomorrow"],
        &["task", "change", NOBODY, "meta"],
        &["ask", "ti:sample"],
        &["ask", "ti:sample", "flag-content", "--wait", "-1"],
        &["api-key", "create", "--scope", "everything"],
        &["api-key", "create", "--expires", "yesterday"],
        &["user", "set-password", "ana"],
        &["serve", "--no-worker", "--worker-only"],
    ] {
        let ran = shell.run(wrong).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{wrong:?}");
    }
    shell.run(&["task", "show", NOBODY]).await.failed("(task_exists)");
    shell
        .run(&["task", "post", "nope", "x"])
        .await
        .failed("there is no schema \"nope\" (schema_exists)");
    shell
        .run(&["task", "post", "ti:sample", "flag-content", "--meta", "[]"])
        .await
        .failed("(meta_object)");
    shell.run(&["api-key", "revoke", "tik_none"]).await.failed("(api_key_exists)");
    shell.run(&["user", "login-link", "nobody"]).await.failed("`TASK_INBOX_PUBLIC_URL`");
}

#[tokio::test]
async fn every_list_is_one_json_array_of_things_with_ids() {
    let shell = Shell::with_sample().await;
    shell.run(&["webhook-secret", "create", "ti:sample"]).await.ok();
    shell.run(&["user", "create", "ana", "--role", "admin"]).await.ok();
    shell.run(&["api-key", "create"]).await.ok();
    let id = shell.run(&["task", "post", "ti:sample", "flag-content"]).await.ok().stdout;
    shell.run(&["task", "resolve", id.trim(), "allow"]).await.ok();

    for (list, named) in [
        ("config", true),
        ("schema list", true),
        ("api-key list", true),
        ("webhook-secret list", false),
        ("user list", true),
        ("task list", false),
        ("delivery list", false),
    ] {
        let words: Vec<&str> = list.split(' ').collect();
        let found = shell.json(&words).await;
        let things = found.as_array().unwrap();
        assert!(!things.is_empty(), "{list}");
        assert!(things.iter().all(|thing| !thing["id"].is_null()), "{list}: {found}");
        assert!(!named || things.iter().all(|thing| thing["name"].is_string()), "{list}: {found}");

        let text = shell.run(&words).await.ok().stdout;
        assert_eq!(text.lines().count(), things.len() + 1, "{text}");
    }
    assert_eq!(shell.json(&["task", "list", "--open"]).await, json!([]));
}

#[tokio::test]
async fn the_settings_are_shown_without_their_secrets() {
    let shell = Shell::new().await;
    let shown = shell.run(&["config"]).await.ok().stdout
        + &shell.run(&["config", "--json"]).await.ok().stdout;
    assert!(shown.contains("TASK_INBOX_LISTEN"), "{shown}");
    assert!(!shown.contains(SECRET_KEY) && !shown.contains(&shell.database_url), "{shown}");
}

#[tokio::test]
async fn an_api_key_is_printed_once_alone_and_only_on_stdout() {
    let shell = Shell::with_sample().await;
    let made = shell.run(&["api-key", "create", "--name", "app"]).await.ok();
    let key = made.stdout.trim();
    assert!(
        task_inbox::token::is_api_key(key) && !made.stderr.contains(key),
        "{}{key}",
        made.stderr
    );

    let other =
        shell.json(&["api-key", "create", "--scope", "read,post", "--schema", "ti:sample"]).await;
    let members: Vec<&str> = other.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["id", "key", "name", "prefix", "scopes"]);
    assert_eq!(other["scopes"], json!(["read", "post"]));

    let list = shell.run(&["api-key", "list", "--json"]).await.ok().stdout;
    assert!(list.contains(other["prefix"].as_str().unwrap()), "{list}");
    assert!(!list.contains(key) && !list.contains(other["key"].as_str().unwrap()), "{list}");

    shell.run(&["api-key", "revoke", other["prefix"].as_str().unwrap()]).await.ok();
    let keys = shell.json(&["api-key", "list"]).await;
    assert!(keys[0]["revoked_at"].is_null() && keys[1]["revoked_at"].is_string(), "{keys}");
}

#[tokio::test]
async fn webhook_secrets_are_printed_once_and_only_on_stdout() {
    let shell = Shell::with_sample().await;
    let create = ["webhook-secret", "create", "ti:sample", "--key", "-", "--json"];
    let made = shell.run_with(&create, "the-key-we-have\n").await.ok();
    let secrets: Value = serde_json::from_str(&made.stdout).unwrap();
    let signing = secrets["signing_secret"].as_str().unwrap();
    assert!(signing.starts_with("whsec_") && secrets["hook_key"] == "the-key-we-have", "{secrets}");
    assert!(
        !made.stderr.contains(signing) && !made.stderr.contains("the-key-we-have"),
        "{}",
        made.stderr
    );

    shell.run_with(&create, "another\n").await.failed("(secret_exists)");
    let list = shell.run(&["webhook-secret", "list", "ti:sample", "--json"]).await.ok().stdout;
    assert!(
        list.contains("hook_key") && !list.contains(signing) && !list.contains("the-key"),
        "{list}"
    );
}

#[tokio::test]
async fn a_schema_is_checked_without_a_database_and_each_mistake_has_its_place() {
    let wrong = "name: x\nsemver: 1\ntasktypes:\n- {name: a, resolved_states: [b], pending_states: [b]}\nlabl: X\n";
    let ran = run(program(&["schema", "check", "-"]), wrong).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("<stdin>:4:31: state \"b\" is both"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("<stdin>:5:1: unknown key \"labl\", did you mean \"label\"?"),
        "{}",
        ran.stderr
    );

    let ran = run(program(&["schema", "check", "-", "--json"]), wrong).await;
    let problems: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (ran.code, &problems[1]["line"], &problems[1]["column"]),
        (Some(1), &json!(5), &json!(1))
    );

    for file in ["schemas/sample.yml", "schemas/demo.yml"] {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        run(program(&["schema", "check", &path]), "").await.ok();
    }
}

#[tokio::test]
async fn a_schema_is_applied_once_and_says_when_its_secret_is_missing() {
    let shell = Shell::new().await;
    let first = shell.run_with(&["schema", "apply", "-", "--json"], &sample()).await.ok();
    assert!(first.stdout.contains(r#""created":true"#), "{}", first.stdout);
    assert!(
        first.stderr.contains("task-inbox webhook-secret create ti:sample"),
        "{}",
        first.stderr
    );

    let again = shell.run_with(&["schema", "apply", "-", "--json"], &sample()).await.ok();
    assert!(again.stdout.contains(r#""created":false"#), "{}", again.stdout);
    let other = sample().replace("level1", "level0");
    shell.run_with(&["schema", "apply", "-"], &other).await.failed("(semver_used)");

    let shown = shell.run(&["schema", "show", "ti:sample"]).await.ok().stdout;
    assert_eq!(shown.trim(), sample().trim());
}

#[tokio::test]
async fn what_a_command_decides_reaches_the_application_at_once() {
    let server = Server::start().await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    let shell = Shell { database_url: server.database_url().to_owned() };

    let post = [
        "task",
        "post",
        "ti:sample",
        "flag-content",
        "--tag",
        "a",
        "--meta",
        r#"{"n": 12345678901234567890}"#,
    ];
    let id = shell.run(&post).await.ok().stdout.trim().to_owned();
    let settled =
        shell.json(&["task", "resolve", &id, "block", "--comment", "spam", "--version", "1"]).await;
    assert_eq!((&settled["id"], &settled["task"]["resolution"]), (&json!(id), &json!("decided")));

    let heard = hook.received(1).await[0].json();
    assert_eq!((&heard["type"], &heard["data"]["via"]), (&json!("task.resolved"), &json!("cli")));
    let history = server.get(&format!("/tasks/{id}/history")).await;
    assert_eq!(
        (&history["history"][0]["via"], &history["history"][1]["via"]),
        (&json!("cli"), &json!("cli"))
    );

    shell.run(&["task", "resolve", &id, "allow"]).await.failed("already settled as \"block\"");
    let shown = shell.run(&["task", "show", &id]).await.ok().stdout;
    assert!(shown.contains("12345678901234567890") && shown.contains("task.resolved"), "{shown}");
}

#[tokio::test]
async fn a_post_that_waits_ends_when_somebody_has_settled_the_task() {
    let shell = Shell::with_sample().await;
    let post = [
        "task",
        "post",
        "ti:sample",
        "delete-acct",
        "--external-id",
        "a",
        "--wait",
        "600",
        "--json",
    ];
    let mut waiting = shell.command(&post).spawn().unwrap();
    let mut words = BufReader::new(waiting.stderr.take().unwrap()).lines();
    let said = within("the post", words.next_line()).await.unwrap().unwrap();
    assert!(said.starts_with("posted: "), "{said}");

    let id = shell.json(&["task", "list"]).await[0]["id"].as_str().unwrap().to_owned();
    shell.run(&["task", "resolve", &id, "deleted"]).await.ok();
    let output = within("the end of the wait", waiting.wait_with_output()).await.unwrap();
    let task: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&task["id"], &task["task"]["state"]), (&json!(id), &json!("deleted")));

    let again = ["task", "post", "ti:sample", "delete-acct", "--external-id", "a"];
    assert_eq!(shell.run(&again).await.ok().stdout.trim(), id);
}

#[tokio::test]
async fn a_sign_in_link_is_all_that_is_printed_and_works() {
    let server = Server::start().await;
    let shell = Shell { database_url: server.database_url().to_owned() };
    shell.run(&["user", "create", "ana"]).await.ok();

    let url = shell.run(&["user", "login-link", "ana"]).await.ok().stdout;
    assert!(
        url.starts_with(&format!("{}/login/", server.url)) && url.lines().count() == 1,
        "{url}"
    );
    let page = server.http.get(url.trim()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("ana"));
}

#[tokio::test]
async fn a_password_comes_from_standard_input_and_has_ten_characters() {
    let shell = Shell::with_sample().await;
    let create = ["user", "create", "ana", "--schema", "ti:sample", "--password-stdin", "--json"];
    shell.run_with(&create, "ninechars\n").await.failed("10 to 256 characters");
    shell.run_with(&create, "").await.failed("no password");
    let made = shell.run_with(&create, "ten chars!\n").await.ok();
    assert!(!made.stdout.contains("ten chars!") && !made.stderr.contains("ten chars!"));

    let people = shell.json(&["user", "list"]).await;
    let found = (&people[0]["password"], &people[0]["schemas"]);
    assert_eq!(found, (&json!(true), &json!(["ti:sample"])));
    shell
        .run_with(&["user", "set-password", "ana", "--password-stdin"], "another one!\r\n")
        .await
        .ok();
    shell.run_with(&create, "ten chars!\n").await.failed("(person_name_taken)");
}

#[tokio::test]
async fn a_disabled_person_stays_out_until_they_are_enabled() {
    let shell = Shell::new().await;
    shell.run(&["user", "create", "ana", "--role", "admin"]).await.ok();
    shell.run(&["user", "create", "bob"]).await.ok();
    shell.run(&["user", "disable", "bob"]).await.ok();
    shell.run(&["user", "role", "bob", "viewer"]).await.ok();
    let people = shell.json(&["user", "list"]).await;
    assert!(people[1]["disabled_at"].is_string() && people[1]["role"] == "viewer", "{people}");

    shell.run(&["user", "enable", "bob"]).await.ok();
    assert!(shell.json(&["user", "list"]).await[1]["disabled_at"].is_null());
    shell.run(&["user", "disable", "ana"]).await.failed("(admin_remains)");
}

#[tokio::test]
async fn the_development_receiver_takes_only_what_the_secret_signed() {
    let secret = task_inbox::token::new_signing_secret();
    let mut listening = program(&["listen", "--port", "0", "--answer", "202", "--json"])
        .env("WEBHOOK_SECRET", &secret)
        .spawn()
        .unwrap();
    let mut words = BufReader::new(listening.stderr.take().unwrap()).lines();
    let mut lines = BufReader::new(listening.stdout.take().unwrap()).lines();
    let said = within("the receiver", words.next_line()).await.unwrap().unwrap();
    let url = said.split(' ').find(|word| word.starts_with("http://")).unwrap();

    let now = jiff::Timestamp::now().as_second();
    let body = r#"{"type":"task.resolved"}"#;
    let signer = standardwebhooks::Webhook::new(&secret).unwrap();
    task_inbox::install_tls_provider();
    for (sent_at, body_sent, answer, verified) in [
        (now, body, 202, true),
        (now, r#"{"type":"task.forged"}"#, 400, false),
        (now - 600, body, 400, false),
    ] {
        let response = client()
            .post(format!("{url}/any/path"))
            .header("webhook-id", "evt_1")
            .header("webhook-timestamp", sent_at)
            .header(
                "webhook-signature",
                format!("v1,AAAA {}", signer.sign("evt_1", sent_at, body.as_bytes()).unwrap()),
            )
            .body(body_sent)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), answer, "{body_sent}");
        let line = within("a line", lines.next_line()).await.unwrap().unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&line["verified"], line["problem"].is_null()),
            (&json!(verified), verified),
            "{line}"
        );
        assert_eq!(line["body"], serde_json::from_str::<Value>(body_sent).unwrap());
    }
}

#[tokio::test]
async fn without_a_database_address_a_command_uses_its_own_cluster_and_stops_it() {
    let data = tempfile::TempDir::new().unwrap();
    let here = |arguments| {
        let mut command = program(arguments);
        command.env("TASK_INBOX_DATA", data.path());
        command
    };
    run(here(&["demo"]), "").await.ok();
    run(here(&["webhook-secret", "create", "demo:shop"]), "").await.ok();
    run(here(&["schema", "show", "nope"]), "").await.failed("(schema_exists)");

    let shown = run(here(&["task", "list", "--type", "refund"]), "").await.ok().stdout;
    assert!(shown.contains("Refund 40.00 EUR for order 104"), "{shown}");
    assert!(!data.path().join("cluster/postmaster.pid").exists());
}
