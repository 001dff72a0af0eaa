//! A new version of a schema, before it is applied.

use serde_json::{Value, json};

use super::shell::{Shell, run};
use crate::hook::Hook;

const ONE: &str = "name: desk
semver: '1'
default_hook_url: https://a.example/
tasktypes:
- {name: refund, pending_states: [triage, waiting], resolved_states: [approve, deny], webhooks: [task.resolved]}
- {name: gone, resolved_states: [x]}
";
const TWO: &str = "name: desk
semver: '2'
default_hook_url: https://b.example/
tasktypes:
- name: refund
  pending_states: [waiting]
  resolved_states: [{name: approve, args: [{name: amount, kind: money}]}, deny, lapsed]
  webhooks: [task.created, task.resolved]
";

impl Shell {
    async fn post_in(&self, ttype: &str, state: Option<&str>) {
        let mut words = vec!["task", "post", "desk", ttype];
        words.extend(state.into_iter().flat_map(|state| ["--state", state]));
        self.run(&words).await.ok();
    }
}

#[tokio::test]
async fn a_new_version_says_what_it_changes_and_what_it_leaves_behind() {
    let shell = Shell::new().await;
    let first = shell.run_with(&["schema", "diff", "-"], ONE).await.ok();
    assert!(first.stdout.contains("no schema \"desk\" yet"), "{}", first.stdout);
    shell.run_with(&["schema", "apply", "-"], ONE).await.ok();
    for (ttype, state) in [
        ("refund", None),
        ("refund", Some("triage")),
        ("refund", Some("triage")),
        ("refund", Some("waiting")),
        ("gone", None),
    ] {
        shell.post_in(ttype, state).await;
    }

    let told = shell.run_with(&["schema", "diff", "-"], TWO).await.ok().stdout;
    assert_eq!(
        told,
        "\"desk\": version \"2\" against \"1\", which is active
~ hook_url: \"https://a.example/\" → \"https://b.example/\"
+ type refund / state approve / input amount
+ type refund / state lapsed
- type refund / state triage
+ type refund / webhook task.created
- type gone
! 1 open task of type \"gone\", new: it stays at version \"1\" and can still be decided there
! 2 open tasks of type \"refund\", in state \"triage\": they stay at version \"1\" and can still be decided there
"
    );

    let json = shell.run_with(&["schema", "diff", "-", "--json"], TWO).await.ok().stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["stranded"][1],
        json!({"semver": "1", "ttype": "refund", "state": "triage", "tasks": 2})
    );
    assert_eq!((&json["same"], &json["semver_used"]), (&json!(false), &json!(false)));

    // Nothing was changed by asking, and what stays behind can be decided.
    assert_eq!(shell.json(&["schema", "list"]).await[0]["semver"], "1");
    shell.run_with(&["schema", "apply", "-"], TWO).await.ok();
    let tasks = shell.json(&["task", "list", "--state", "triage"]).await;
    shell.run(&["task", "resolve", tasks[0]["id"].as_str().unwrap(), "deny"]).await.ok();
}

#[tokio::test]
async fn a_difference_ends_with_1_only_when_that_is_asked_for() {
    let shell = Shell::new().await;
    shell.run_with(&["schema", "apply", "-"], ONE).await.ok();
    let same = format!("# another remark\n{ONE}");
    let told = shell.run_with(&["schema", "diff", "-", "--exit-code"], &same).await.ok().stdout;
    assert_eq!(told, "\"desk\" is as version \"1\", which is active\n");

    let digits = |last: &str| {
        let limit =
            format!("meta_schema: {{properties: {{n: {{maximum: 9876543210987654321{last}}}}}}}");
        ONE.replace("'1'", "'3'").replace("{name: gone,", &format!("{{name: gone, {limit},"))
    };
    shell.run_with(&["schema", "apply", "-"], &digits("1")).await.ok();
    let told = shell.run_with(&["schema", "diff", "-"], &digits("2")).await.ok().stdout;
    assert!(told.contains("digits at the end of long numbers"), "{told}");
    assert!(told.contains("! version \"3\" exists with other content"), "{told}");

    let other = ONE.replace("https://a.example/", "https://c.example/");
    let told = shell.run_with(&["schema", "diff", "-"], &other).await.ok().stdout;
    assert!(told.contains("! version \"1\" exists with other content"), "{told}");
    let ran = shell.run_with(&["schema", "diff", "-", "--exit-code"], TWO).await;
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let ran = shell.run_with(&["schema", "diff", "-"], "name: desk\n").await;
    assert!(
        ran.code == Some(1) && ran.stderr.contains("<stdin>:1:1: missing key"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn an_example_shows_a_receiver_what_it_will_get_and_decides_nothing() {
    let (shell, hook) = (Shell::new().await, Hook::start().await);
    let path = format!("{}/schemas/refunds.yml", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).unwrap();
    let file = format!("{source}  hook_url: {}\n", hook.url);
    let allowed = |words: &[&str]| {
        let mut command = shell.command(words);
        command.env("TASK_INBOX_ALLOW_CIDRS", "127.0.0.0/8");
        command
    };
    shell.run_with(&["schema", "apply", "-"], &source.replace("'1'", "'0'")).await.ok();
    shell.run(&["schema", "try-hook", "refunds"]).await.failed("(endpoint_sendable)");
    shell.run_with(&["schema", "apply", "-"], &file).await.ok();
    shell.run(&["schema", "try-hook", "refunds"]).await.failed("no signing secret yet");
    shell.run(&["schema", "try-hook", "refunds", "nope"]).await.failed("(task_type_exists)");
    shell.run(&["schema", "try-hook", "nope"]).await.failed("(schema_exists)");

    let secret = shell.json(&["webhook-secret", "create", "refunds"]).await;
    shell.run(&["schema", "try-hook", "refunds"]).await.failed("TASK_INBOX_ALLOW_CIDRS");
    let ran = run(allowed(&["schema", "try-hook", "refunds", "refund"]), "").await.ok();
    assert!(ran.stderr.starts_with("accepted with 200, after "), "{}", ran.stderr);
    let heard = hook.received(1).await;
    heard[0].verify(secret["signing_secret"].as_str().unwrap());
    let sent = heard[0].json();
    assert_eq!(
        (&sent["type"], &sent["data"]["state"]),
        (&json!("webhook.ping"), &json!("approve"))
    );
    let meta = json!({"amount": 1, "order": "example", "customer": "example", "reason": "example"});
    assert_eq!(
        (&sent["data"]["task"]["meta"], &sent["data"]["task"]["ttype"]),
        (&meta, &json!("refund"))
    );

    assert_eq!(shell.json(&["task", "list"]).await, json!([]));
    hook.answer(500);
    let ran = run(allowed(&["schema", "try-hook", "refunds"]), "").await;
    assert!(ran.code == Some(1) && ran.stderr.contains("did not accept"), "{}", ran.stderr);
}
