//! A program asks people and reads the answer off the exit code.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use super::shell::{Ran, Shell};
use crate::documents::blocks;
use crate::hook::Hook;
use crate::inbox::decide;
use crate::postgres;
use crate::server::{Server, make_person, within};
use crate::source::ROOT;

const DEPLOY: &str = r#"
name: deploy
semver: '1'
tasktypes:
- name: go
  title: 'Deploy {what}'
  resolved_states:
  - {name: yes, outcome: positive, args: [{name: share, kind: number}]}
  - {name: no, outcome: negative, comment: required}
  - {name: later}
  - {name: lapsed}
  on_expire: lapsed
- name: plain
  resolved_states: [done]
"#;

struct Asking {
    child: Child,
    words: Lines<BufReader<ChildStderr>>,
    id: String,
}

/// Runs until it has said which task it waits for.
async fn ask(mut command: Command) -> Asking {
    let mut child = command.spawn().unwrap();
    let mut words = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = within("the task", words.next_line()).await.unwrap().unwrap();
    let id = said.rsplit_once('(').unwrap().1.trim_end_matches(')').to_owned();
    Asking { child, words, id }
}

impl Asking {
    async fn answer(mut self) -> Ran {
        let mut stderr = String::new();
        let output = within("the answer", async {
            while let Some(line) = self.words.next_line().await.unwrap() {
                stderr.push_str(&line);
            }
            self.child.wait_with_output().await.unwrap()
        })
        .await;
        let stdout = String::from_utf8(output.stdout).unwrap();
        Ran { code: output.status.code(), stdout, stderr }
    }
}

async fn deploy() -> Shell {
    let shell = Shell::new().await;
    shell.run_with(&["schema", "apply", "-"], DEPLOY).await.ok();
    shell
}

#[tokio::test]
async fn the_exit_code_tells_the_answer() {
    let shell = deploy().await;
    for (ttype, verb, code) in [
        ("go", &["resolve", "yes"][..], 0),
        ("go", &["resolve", "no", "--comment", "Not on Friday"], 10),
        ("go", &["resolve", "later"], 11),
        ("go", &["withdraw"], 13),
        ("plain", &["resolve", "done"], 0),
        ("plain", &["withdraw"], 13),
    ] {
        let asking = ask(shell.command(&["ask", "deploy", ttype])).await;
        let (name, options) = verb.split_first().unwrap();
        let id = asking.id.clone();
        shell.run(&[&["task", name, &id], options].concat()).await.ok();
        let ran = asking.answer().await;
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(code), ""), "{verb:?}");
        assert!(ran.stdout.contains(&id) && ran.stdout.contains("command line"), "{}", ran.stdout);
    }
    let open = shell.run(&["ask", "deploy", "go", "--wait", "0"]).await;
    assert_eq!(open.code, Some(14), "{}", open.stderr);
    assert!(open.stdout.contains("still open"), "{}", open.stdout);
    shell.run(&["ask", "deploy", "stop"]).await.failed("(task_type_exists)");
}

#[tokio::test]
async fn an_answer_has_what_was_said_with_it() {
    let shell = deploy().await;
    let question =
        ["ask", "deploy", "go", "--meta", r#"{"what": "shop 1.2"}"#, "--external-id", "1.2"];
    let asking = ask(shell.command(&question)).await;
    let args = r#"{"share": 12345678901234567890.10}"#;
    let resolve = ["task", "resolve", &asking.id, "yes", "--args", args, "--comment", "Go"];
    shell.run(&resolve).await.ok();
    let id = asking.id.clone();
    let text = asking.answer().await.ok().stdout;
    for line in ["state    yes", "how      decided", "by       command line", "comment  Go"] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(text.contains("12345678901234567890.10"), "{text}");

    // Asked again, as after the end of the script: the same task, the same answer.
    let answer = shell.json(&question).await;
    assert_eq!(answer["task"]["title"], "Deploy shop 1.2");
    for (member, expected) in [
        ("id", json!(id)),
        ("state", json!("yes")),
        ("resolution", json!("decided")),
        ("outcome", json!("positive")),
        ("comment", json!("Go")),
        ("via", json!("cli")),
    ] {
        assert_eq!(answer[member], expected, "{member}");
    }
}

#[tokio::test]
async fn a_no_is_no_yes_when_nobody_reads_what_is_printed() {
    let shell = deploy().await;
    let mut asking = ask(shell.command(&["ask", "deploy", "go"])).await;
    drop(asking.child.stdout.take());
    let id = asking.id.clone();
    shell.run(&["task", "resolve", &id, "no", "--comment", "Not on Friday"]).await.ok();
    assert_eq!(asking.answer().await.code, Some(10));
}

#[tokio::test]
async fn who_asks_again_waits_for_the_same_task() {
    let shell = deploy().await;
    let question =
        ["ask", "deploy", "go", "--idempotency-key", "build-7", "--respond-within", "4h"];
    let first = ask(shell.command(&question)).await;
    // ^C leaves it open and says so.
    let pid = first.child.id().unwrap().to_string();
    let kill = std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(kill.success());
    let id = first.id.clone();
    let ran = first.answer().await;
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert_eq!(ran.stderr, format!("error: interrupted: the task stays open, {id}"));
    assert_eq!(shell.json(&["task", "show", &id]).await["task"]["resolved"], false);

    let again = ask(shell.command(&question)).await;
    assert_eq!(again.id, id);
    shell.run(&["task", "resolve", &id, "later"]).await.ok();
    assert_eq!(again.answer().await.code, Some(11));
    assert_eq!(shell.json(&["task", "list"]).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_over_the_api_or_by_the_clock_arrives_as_well() {
    let server = Server::start().await;
    server.load(DEPLOY).await;
    let shell = Shell { database_url: server.database_url.clone() };
    let asking = ask(shell.command(&["ask", "deploy", "go"])).await;
    let id = asking.id.parse().unwrap();
    server.set_state(id, "yes", 200).await;
    let decided = Instant::now();
    assert_eq!(asking.answer().await.code, Some(0));
    eprintln!("ask heard of the decision after {:?}", decided.elapsed());

    let asking = ask(shell.command(&["ask", "deploy", "go", "--respond-within", "1s"])).await;
    server.sql("update app.task set respond_by = now() where respond_by is not null").await;
    let expired = asking.answer().await;
    assert_eq!(expired.code, Some(12), "{}", expired.stdout);
    assert!(expired.stdout.contains("lapsed"), "{}", expired.stdout);
}

#[tokio::test]
async fn what_can_still_be_undone_is_no_answer() {
    let server = Server::start_with(|config| config.undo_seconds = 60).await;
    server.load(DEPLOY).await;
    make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let cookie = server.sign_in("ana").await;
    let shell = Shell { database_url: server.database_url.clone() };
    let question = ["ask", "deploy", "plain", "--external-id", "x"];
    let asking = ask(shell.command(&question)).await;
    let form = "version=1&state=done&comment=";
    assert_eq!(decide(&server, &cookie, asking.id.parse().unwrap(), form).await.status(), 303);

    let held = shell.run(&[&question[..], &["--wait", "0", "--json"]].concat()).await;
    let answer: Value = serde_json::from_str(&held.stdout).unwrap();
    assert_eq!(
        (held.code, &answer["actor"], &answer["state"]),
        (Some(14), &json!(null), &json!(null))
    );

    server.sql("update app.task set held_until = now()").await;
    server.sql("select inbox_internal.notify_all()").await;
    let ran = asking.answer().await.ok();
    assert!(ran.stdout.contains("by       ana"), "{}", ran.stdout);
}

#[tokio::test]
async fn who_asks_sits_out_a_lost_connection_and_holds_only_one() {
    let hook = Hook::start().await;
    let server = Server::start().await;
    server.with_hook(&hook).await;
    let shell = Shell { database_url: server.database_url.clone() };
    let asking = ask(shell.command(&["ask", "ti:sample", "flag-content"])).await;
    let owner = postgres::client(&server.database_url).await;
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and query like '%settled_among(array%' and pid <> pg_backend_pid()";
    let count = async || owner.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0);
    within("the wait", async { while count().await != 1 {} }).await;
    let ended = "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and query like '%settled_among(array%' and pid <> pg_backend_pid()";
    owner.execute(ended, &[]).await.unwrap();
    server.set_state(asking.id.parse().unwrap(), "allow", 200).await;
    let decided = Instant::now();
    let ran = asking.answer().await.ok();
    assert!(ran.stderr.contains("waiting for the answer"), "{}", ran.stderr);
    assert!(decided.elapsed() < Duration::from_secs(20));
}

/// A script of the README, where it finds the program.
fn script(shell: &Shell, text: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_task-inbox"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let mut command = Command::new("bash");
    command.args(["-e", "-c", text]).env_clear().env("PATH", path).kill_on_drop(true);
    command
        .env("DATABASE_URL", &shell.database_url)
        .env("GITHUB_SHA", "1d2c")
        .env("GITHUB_ACTOR", "ana");
    command.env("GITHUB_RUN_ID", "17").env("GITHUB_RUN_ATTEMPT", "1");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn readme() -> String {
    std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap()
}

async fn with_the_schemas_of_the_readme() -> Shell {
    let shell = Shell::new().await;
    for block in blocks(&readme(), "yaml") {
        shell.run_with(&["schema", "apply", "-"], &block).await.ok();
    }
    shell
}

#[tokio::test]
async fn the_script_of_the_readme_goes_by_the_answer() {
    let text =
        blocks(&readme(), "sh").into_iter().find(|block| block.contains("task-inbox ask")).unwrap();
    let open = text.replace("--wait 4h", "--wait 0");
    for (verb, text, said) in [
        (&["resolve", "approve"][..], &text, "refund it"),
        (&["resolve", "deny", "--comment", "Was worn"], &text, "do not"),
        (&["show"], &open, "nobody has decided yet"),
    ] {
        let shell = with_the_schemas_of_the_readme().await;
        let asking = ask(script(&shell, text)).await;
        let (name, options) = verb.split_first().unwrap();
        shell.run(&[&["task", name, &asking.id], options].concat()).await.ok();
        let ran = asking.answer().await.ok();
        assert_eq!(ran.stdout.lines().last(), Some(said), "{}", ran.stdout);
    }
}

#[tokio::test]
async fn the_ci_step_of_the_readme_fails_unless_somebody_says_yes() {
    let step = blocks(&readme(), "yml").remove(0);
    let text = step.split_once("run: |\n").unwrap().1;
    for (verb, code) in [
        (&["resolve", "go"][..], 0),
        (&["resolve", "stop", "--comment", "Not on Friday"], 10),
        (&["withdraw"], 13),
    ] {
        let shell = with_the_schemas_of_the_readme().await;
        let asking = ask(script(&shell, text)).await;
        let found = shell.json(&["task", "show", &asking.id]).await;
        assert_eq!(found["task"]["title"], "Deploy 1d2c by ana");
        let (name, options) = verb.split_first().unwrap();
        shell.run(&[&["task", name, &asking.id], options].concat()).await.ok();
        assert_eq!(asking.answer().await.code, Some(code), "{verb:?}");
    }
}
