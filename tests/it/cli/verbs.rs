//! Everything that may be done to a task, as a command.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::NOBODY;
use super::shell::Shell;

const SHOP: &str = r#"
name: shop
semver: '1'
tasktypes:
- name: refund
  title: 'Refund {order}'
  pending_states: [waiting]
  resolved_states:
  - {name: approve, outcome: positive, args: [{name: amount, kind: money, currency: EUR, required: true}]}
  - {name: deny, outcome: negative}
  reopen: anyone
  actions: [{name: parcel, present: checklist, manual: true, required: true}]
"#;

async fn shop() -> Shell {
    let shell = Shell::new().await;
    shell.run_with(&["schema", "apply", "-"], SHOP).await.ok();
    shell
}

impl Shell {
    async fn post(&self, options: &[&str]) -> String {
        let ran = self.run(&[&["task", "post", "shop", "refund"], options].concat()).await.ok();
        ran.stdout.trim().to_owned()
    }

    /// Runs `task VERB ID …`; gives the task.
    async fn task(&self, verb: &str, id: &str, options: &[&str]) -> Value {
        let found = self.json(&[&["task", verb, id], options].concat()).await;
        assert_eq!(found["id"], id, "{found}");
        found["task"].clone()
    }
}

#[tokio::test]
async fn a_post_takes_everything_that_the_api_takes() {
    let shell = shop().await;
    let options = [
        "--meta",
        r#"{"order": 17}"#,
        "--state",
        "waiting",
        "--external-id",
        "x",
        "--urgency",
        "high",
        "--tag",
        "a",
        "--tag",
        "b",
        "--context",
        r#"{"row": 1}"#,
        "--merge-key",
        "m",
        "--respond-within",
        "4h",
        "--start-at",
        "2027-01-31T12:00:00Z",
        "--attachment",
        "https://shop.example/a.pdf",
        "--idempotency-key",
        "k",
    ];
    let id = shell.post(&options).await;
    assert_eq!(shell.post(&options).await, id);

    let task = shell.task("show", &id, &[]).await;
    for (member, expected) in [
        ("title", json!("Refund 17")),
        ("state", json!("waiting")),
        ("external_id", json!("x")),
        ("urgency", json!("high")),
        ("tags", json!(["a", "b"])),
        ("context", json!({"row": 1})),
        ("merge_key", json!("m")),
        ("start_at", json!("2027-01-31T12:00:00+00:00")),
        ("respond_by", json!("2027-01-31T16:00:00+00:00")),
    ] {
        assert_eq!(task[member], expected, "{member}");
    }
    assert_eq!(task["attachments"][0]["url"], "https://shop.example/a.pdf");

    let other = ["--idempotency-key", "k", "--meta", r#"{"order": 18}"#];
    let again = [&["task", "post", "shop", "refund"], &other[..]].concat();
    shell.run(&again).await.failed("(idempotency_key_reused)");
    let id = shell.post(&["--respond-by", "2999-01-31T12:00:00Z"]).await;
    let shown = shell.run(&["task", "show", &id]).await.ok().stdout;
    assert!(shown.contains("\nrespond by  2999-01-31 12:00:00Z\n"), "{shown}");
    assert!(shown.contains("\nto do  parcel") && !shown.contains("claimed"), "{shown}");
}

#[tokio::test]
async fn people_share_the_work_by_commands() {
    let shell = shop().await;
    shell.run(&["user", "create", "ana"]).await.ok();
    let id = shell.post(&["--meta", r#"{"order": 17, "note": "x"}"#]).await;
    let id = id.as_str();

    assert_eq!(shell.task("claim", id, &[]).await["claimed_by"], "command line");
    assert_eq!(shell.task("release", id, &[]).await["claimed_by"], json!(null));
    shell.run(&["task", "release", id]).await.failed("(task_claimed)");
    assert_eq!(shell.task("claim", id, &["--take"]).await["claimed_by"], "command line");
    assert_eq!(shell.task("assign", id, &["ana"]).await["assignee"], "ana");
    shell.run(&["task", "assign", id, "joe"]).await.failed("(assignee_allowed)");
    assert_eq!(shell.task("assign", id, &["--nobody"]).await["assignee"], json!(null));
    assert!(shell.task("snooze", id, &["4h"]).await["snoozed_until"].is_string());
    assert_eq!(shell.task("snooze", id, &["--wake"]).await["snoozed_until"], json!(null));
    shell.run(&["task", "snooze", id, "31d"]).await.failed("(snooze_until)");
    shell.run_with(&["task", "comment", id, "-", "--internal"], "a secret").await.ok();
    shell.task("comment", id, &["We look at it"]).await;
    assert!(shell.task("tick", id, &["parcel"]).await["checklist"][0]["done_at"].is_string());
    assert!(
        shell.task("tick", id, &["parcel", "--undo"]).await["checklist"][0]["done_at"].is_null()
    );
    shell.run(&["task", "tick", id, "letter"]).await.failed("(action_declared)");
    shell.run(&["task", "resolve", id, "deny"]).await.failed("(checklist_open)");
    let history = shell.json(&["task", "history", id]).await;
    assert_eq!(
        kinds(&history).join(" "),
        "posted claimed released claimed assigned assigned snoozed woken commented commented ticked ticked"
    );
}

#[tokio::test]
async fn a_task_is_decided_by_commands_and_they_are_in_its_history() {
    let shell = shop().await;
    let id = shell.post(&["--meta", r#"{"order": 17, "note": "x"}"#]).await;
    let id = id.as_str();

    let change = r#"{"meta": {"order": 12345678901234567890, "note": null}, "tags": ["t"]}"#;
    let task = shell.task("change", id, &[change, "--version", "1"]).await;
    assert_eq!(
        (&task["title"], &task["version"]),
        (&json!("Refund 12345678901234567890"), &json!(2))
    );
    shell.run(&["task", "change", id, change, "--version", "1"]).await.failed("(version_stale)");
    let ran = shell.run_with(&["task", "change", id, "-"], change).await.ok();
    assert_eq!(ran.stderr, "Refund 12345678901234567890: already changed\n");

    shell.run(&["task", "undo", id]).await.failed("(undo_over)");

    shell.task("tick", id, &["parcel"]).await;
    shell.run(&["task", "resolve", id, "approve"]).await.failed("(arguments)");
    let approve = ["approve", "--args", r#"{"amount": 4000}"#, "--comment", "Fine"];
    assert_eq!(shell.task("resolve", id, &approve).await["resolution"], "decided");
    assert_eq!(shell.task("reopen", id, &["--comment", "Not yet"]).await["resolved"], false);
    assert_eq!(
        shell.task("withdraw", id, &["--reason", "By phone"]).await["resolution"],
        "withdrawn"
    );

    let history = shell.json(&["task", "history", id]).await;
    assert_eq!(kinds(&history).join(" "), "posted changed ticked resolved reopened withdrawn");
    let steps = history.as_array().unwrap().iter();
    assert!(steps.clone().enumerate().all(|(place, step)| step["id"] == place + 1), "{history}");
    assert!(steps.clone().all(|step| step["via"] == "cli"), "{history}");
    assert_eq!(history[3]["args"], json!({"amount": 4000}));
    let text = shell.run(&["task", "history", id]).await.ok().stdout;
    assert!(text.contains("By phone") && text.lines().count() == 7, "{text}");
}

fn kinds(history: &Value) -> Vec<&str> {
    history.as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_verb_on_what_is_not_there_fails_by_its_name() {
    let shell = shop().await;
    for verb in [
        &["resolve", NOBODY, "deny"][..],
        &["change", NOBODY, "{}"],
        &["withdraw", NOBODY],
        &["reopen", NOBODY],
        &["undo", NOBODY],
        &["comment", NOBODY, "x"],
        &["claim", NOBODY],
        &["release", NOBODY],
        &["assign", NOBODY, "--nobody"],
        &["snooze", NOBODY, "4h"],
        &["tick", NOBODY, "parcel"],
        &["history", NOBODY],
    ] {
        shell.run(&[&["task"], verb].concat()).await.failed("(task_exists)");
    }
}

#[tokio::test]
async fn a_list_is_narrowed_and_read_page_by_page() {
    let shell = shop().await;
    shell.run(&["user", "create", "ana"]).await.ok();
    let marked =
        shell.post(&["--external-id", "x", "--tag", "t", "--meta", r#"{"order": "lamp"}"#]).await;
    shell.run(&["task", "assign", &marked, "ana"]).await.ok();
    for _ in 0..4 {
        shell.post(&["--respond-within", "1s"]).await;
    }
    shell.sql("update app.task set respond_by = now() where respond_by is not null").await;

    for (filter, count) in [
        (&["--external-id", "x"][..], 1),
        (&["--tag", "t"], 1),
        (&["--assignee", "ana"], 1),
        (&["--query", "lam"], 1),
        (&["--late"], 4),
        (&["--since", "2020-01-01T00:00:00Z"], 5),
        (&["--until", "2020-01-01T00:00:00Z"], 0),
    ] {
        let found = shell.json(&[&["task", "list"], filter].concat()).await;
        assert_eq!(found.as_array().unwrap().len(), count, "{filter:?}");
    }

    let (mut seen, mut options) = (Vec::new(), vec!["--limit".to_owned(), "2".to_owned()]);
    loop {
        let mut words = vec!["task", "list", "--json"];
        words.extend(options.iter().map(String::as_str));
        let ran = shell.run(&words).await.ok();
        let page: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
        seen.extend(page.iter().map(|task| task["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = ran.stderr.trim().strip_prefix("there are more: --cursor ") else {
            break;
        };
        options.splice(2.., ["--cursor".to_owned(), cursor.to_owned()]);
    }
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (5, 5));
    shell.run(&["task", "list", "--cursor", NOBODY]).await.failed("(task_exists)");
}

#[tokio::test]
async fn all_of_a_long_list_is_all_of_it() {
    let shell = shop().await;
    shell
        .sql("select inbox.post_task('shop', 'refund', external_id => n::text) from generate_series(1, 401) n")
        .await;
    let all = shell.json(&["task", "list", "--all"]).await;
    let ids: BTreeSet<String> =
        all.as_array().unwrap().iter().map(|task| task["external_id"].to_string()).collect();
    assert_eq!(ids.len(), 401);
}
