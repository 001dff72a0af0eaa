//! A backup is worth what a restore of it does: with the commands of operations.md.

use std::path::Path;
use std::process::Command;

use http::Method;
use serde_json::json;
use task_inbox::config::Config;
use task_inbox::serve::Part;
use uuid::Uuid;

use crate::database_roles;
use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, make_person};
use crate::source::ROOT;

/// The commands of the chapter: one saves, one loads.
fn commands() -> Vec<String> {
    let operations = std::fs::read_to_string(format!("{ROOT}/operations.md")).unwrap();
    let chapter = operations.split("\n## Backup\n").nth(1).unwrap();
    let block = chapter.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().map(str::to_owned).collect()
}

/// As a person would run it: it succeeds and has nothing to complain of.
fn run(command: &str, database_url: &str, folder: &Path) {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).env("DATABASE_URL", database_url).current_dir(folder);
    if let Some(programs) = std::env::var_os("TASK_INBOX_PG_BIN").filter(|bin| !bin.is_empty()) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let programs = std::iter::once(programs.into()).chain(std::env::split_paths(&path));
        shell.env("PATH", std::env::join_paths(programs).unwrap());
    }
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{command}: {said}");
}

/// Nothing that is owed is tried a second time by itself.
fn slow(config: &mut Config) {
    config.undo_seconds = 120;
    config.outbound.as_mut().unwrap().schedule = vec![100_000.0];
}

/// What a backup has in it.
struct Saved {
    hook: Hook,
    signing: String,
    key: String,
    cookie: String,
    /// Of each event that was sent: its webhook-id, in this order.
    ids: [String; 3],
    delivered: Uuid,
    failed: Uuid,
    owed: Uuid,
    held: Uuid,
    feed: i64,
    audit: i64,
    folder: tempfile::TempDir,
}

/// An inbox with deliveries in every state, saved while it is served.
async fn save() -> Saved {
    let hook = Hook::start().await;
    let database_url = postgres::fresh_database().await;
    let server = Server::on_with(&database_url, Part::All, |config| {
        config.outbound.as_mut().unwrap().schedule = vec![0.0];
    })
    .await;
    let signing = server.with_hook(&hook).await;
    make_person(&server.db, "ana", "admin", "correct horse battery").await;
    let once = json!({"schema_name": "ti:sample", "task": "flag-content", "external_id": "once"});
    let delivered = server.post(once, 201).await["id"].as_str().unwrap().parse().unwrap();
    server.set_state(delivered, "allow", 200).await;
    server.delivery(delivered, 2, "delivered").await;
    hook.answer(500);
    hook.answer(500);
    let failed = server.post_flag().await;
    server.set_state(failed, "allow", 200).await;
    server.delivery(failed, 2, "failed").await;
    server.stop().await;

    let server = Server::on_with(&database_url, Part::All, slow).await;
    hook.answer(500);
    let owed = server.post_flag().await;
    server.set_state(owed, "block", 200).await;
    hook.received(4).await;
    server.delivery(owed, 2, "owed").await;
    let cookie = server.sign_in("ana").await;
    let held = server.post_flag().await;
    server.submit(&format!("/tasks/{held}/state"), &cookie, "version=1&state=allow", 303).await;
    let feed = server.get("/events").await["events"].as_array().unwrap().last().unwrap()["seq"]
        .as_i64()
        .unwrap();
    let audit = server.newest_audit().await;

    let folder = tempfile::tempdir().unwrap();
    run(&commands()[0], &database_url, folder.path());
    let key = server.key.clone();
    server.stop().await;
    let mut ids: Vec<String> = hook.so_far().into_iter().map(|sent| sent.id).collect();
    ids.dedup();
    let ids = ids.try_into().unwrap();
    Saved { hook, signing, key, cookie, ids, delivered, failed, owed, held, feed, audit, folder }
}

impl Server {
    async fn newest_audit(&self) -> i64 {
        let sql = "select inbox_internal.read_audit('{}', 0, 200)";
        self.db.rows(sql, &[]).await.unwrap();
        let newest = "select max(number) from app.audit_number";
        self.db.row(newest, &[]).await.unwrap().get(0)
    }

    /// The times that a backup had set have come.
    async fn let_time_pass(&self) {
        for table in ["task", "event"] {
            let sql = format!("update app.{table} set held_until = now() where held_until > now()");
            self.db.run(&sql, &[]).await.unwrap();
        }
        self.db.run("update app.outbox set due_at = now()", &[]).await.unwrap();
        self.db.run("select inbox_internal.notify_all()", &[]).await.unwrap();
    }
}

#[tokio::test]
async fn s88_a_restored_inbox_goes_on_where_the_backup_was_made() {
    let saved = save().await;
    let database_url = postgres::empty_database().await;
    run(&commands()[1], &database_url, saved.folder.path());
    let server = Server::on_with(&database_url, Part::All, slow).await;

    // People and keys.
    assert!(server.login_url.is_none(), "it has people");
    server.page("/deliveries", &saved.cookie, 200).await;
    server.sign_in("ana").await;
    let path = format!("/tasks/{}", saved.delivered);
    let task = server.call_with(&saved.key, Method::GET, &path, &[], None, 200).await;
    assert_eq!(task["task"]["state"], "allow");
    assert_eq!(
        server.get(&format!("{path}/history")).await["history"].as_array().unwrap().len(),
        2
    );
    let once = json!({"schema_name": "ti:sample", "task": "flag-content", "external_id": "once"});
    let again = server.post(once, 200).await;
    assert_eq!(again["id"], json!(saved.delivered));

    // What was owed, held and failed.
    server.delivery(saved.failed, 2, "failed").await;
    server.delivery(saved.owed, 2, "owed").await;
    assert_eq!(saved.hook.so_far().len(), 4);
    server.let_time_pass().await;
    server.delivery(saved.owed, 2, "delivered").await;
    server.delivery(saved.held, 2, "delivered").await;
    let failed = server.delivery(saved.failed, 2, "failed").await;
    server.call(Method::POST, &format!("/deliveries/{}/retry", failed["id"]), None, 200).await;
    server.delivery(saved.failed, 2, "delivered").await;
    let sent = saved.hook.received(7).await;
    for received in &sent[4..] {
        received.verify(&saved.signing);
    }
    let [_, failed, owed] = &saved.ids;
    for id in [failed, owed] {
        assert!(sent[4..].iter().any(|received| received.id == *id), "{id}");
    }

    // The feed and the log go on.
    let next = server.get(&format!("/events?after={}", saved.feed)).await;
    assert_eq!(next["events"].as_array().unwrap().len(), 1, "the held one: {next}");
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    server.delivery(id, 2, "delivered").await;
    let after = next["events"][0]["seq"].as_i64().unwrap();
    let next = server.get(&format!("/events?after={after}")).await;
    assert_eq!(next["events"][0]["data"]["task"]["id"], json!(id), "{next}");
    assert!(server.newest_audit().await > saved.audit);

    // Who may do what.
    let owner = postgres::client(&database_url).await;
    database_roles::each_has_its_own(&owner).await;
    for sql in ["delete from app.audit", "update app.audit_number set number = 1"] {
        let refused = owner.batch_execute(sql).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{sql}");
    }
}

#[tokio::test]
async fn s88_without_its_sealing_key_a_restored_inbox_decides_and_its_webhooks_wait() {
    let saved = save().await;
    // One that was in use.
    let database_url = postgres::fresh_database().await;
    run(&commands()[1], &database_url, saved.folder.path());
    let wrong = "OTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTBmZWRjYmE=";
    for key in [None, Some(wrong)] {
        let server = Server::on_with(&database_url, Part::All, |config| {
            slow(config);
            config.secret_key = key.map(str::to_owned);
            config.data = "/nonexistent".into();
        })
        .await;
        server.let_time_pass().await;
        let delivery = server.delivery(saved.owed, 2, "blocked").await;
        let reason = delivery["reason"].as_str().unwrap();
        assert!(reason.contains("TASK_INBOX_SECRET_KEY"), "{reason}");
        let id = server.post_flag().await;
        server.set_state(id, "allow", 200).await;
        server.delivery(id, 2, "blocked").await;
        server.stop().await;
    }
    assert_eq!(saved.hook.so_far().len(), 4);

    let _server = Server::on_with(&database_url, Part::All, slow).await;
    for received in &saved.hook.received(8).await[4..] {
        received.verify(&saved.signing);
    }
}
