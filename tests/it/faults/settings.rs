//! A wrong setting of what leaves the server stops webhooks, not decisions.

use serde_json::Value;
use task_inbox::serve::Part;

use crate::cli::shell::{Shell, program, run};
use crate::hook::Hook;
use crate::postgres;
use crate::server::Server;

#[tokio::test]
async fn a_wrong_setting_stops_webhooks_and_nobodys_decision() {
    let database_url = postgres::fresh_database().await;
    let fault = "`TASK_INBOX_RETRY_SCHEDULE` must be seconds";
    let server =
        Server::on_with(&database_url, Part::All, |config| config.outbound = Err(fault.to_owned()))
            .await;
    let hook = Hook::start().await;
    server.with_hook(&hook).await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let told = "select inbox_internal.read_setting('delivery_fault')";
    assert_eq!(server.db.row(told, &[]).await.unwrap().get::<_, &str>(0), fault);
    let delivery = server.delivery(id, 2, "blocked").await;
    assert!(delivery["reason"].as_str().unwrap().contains(fault), "{delivery}");
    assert!(hook.so_far().is_empty());
    server.stop().await;

    let server = Server::on(&database_url, Part::All).await;
    hook.received(1).await;
    server.delivery(id, 2, "delivered").await;
    assert_eq!(server.db.row(told, &[]).await.unwrap().get::<_, &str>(0), "");
}

#[tokio::test]
async fn a_replica_that_does_not_deliver_has_no_say_in_it() {
    let database_url = postgres::fresh_database().await;
    let worker = Server::on(&database_url, Part::WorkerOnly).await;
    let server = Server::on_with(&database_url, Part::NoWorker, |config| {
        config.outbound = Err("only here".to_owned());
    })
    .await;
    let told = "select inbox_internal.read_setting('delivery_fault')";
    assert_eq!(server.db.row(told, &[]).await.unwrap().get::<_, &str>(0), "");
    drop(worker);
}

#[tokio::test]
async fn commands_work_with_a_wrong_setting_and_name_it() {
    let shell = Shell::with_sample().await;
    for (name, wrong) in [
        ("TASK_INBOX_RETRY_SCHEDULE", "5,soon"),
        ("TASK_INBOX_ALLOW_CIDRS", "10.0.0.0/33"),
        ("TASK_INBOX_ALLOW_HOSTS", "http://app"),
        ("TASK_INBOX_PROXY_URL", "socks5://u:hunter2@proxy"),
        ("TASK_INBOX_PROXY_URL_FILE", "/nonexistent/proxy"),
        ("TASK_INBOX_CA_FILE", "/nonexistent/ca.pem"),
    ] {
        for arguments in [&["config"][..], &["task", "list"]] {
            let mut command = shell.command(arguments);
            command.env(name, wrong);
            let ran = run(command, "").await.ok();
            assert!(ran.stderr.contains(name), "{arguments:?}: {}", ran.stderr);
            assert!(!(ran.stderr + &ran.stdout).contains("hunter2"), "{arguments:?} {name}");
        }
    }
}

#[tokio::test]
async fn the_loopback_is_open_only_with_the_private_cluster() {
    let shown = async |set: &[(&str, &str)]| {
        let mut command = program(&["config", "--json"]);
        command.env("TASK_INBOX_DATA", "/nonexistent").envs(set.iter().copied());
        let ran = run(command, "").await.ok();
        let settings: Value = serde_json::from_str(&ran.stdout).unwrap();
        let settings = settings.as_array().unwrap().clone();
        let found = settings.into_iter().find(|row| row["name"] == "TASK_INBOX_ALLOW_CIDRS");
        found.unwrap()["value"].as_str().unwrap().to_owned()
    };
    let external = ("DATABASE_URL", "postgresql://h/d");
    assert_eq!(shown(&[]).await, "127.0.0.0/8,::1");
    assert_eq!(shown(&[external]).await, "");
    assert_eq!(shown(&[("TASK_INBOX_ALLOW_CIDRS", "none")]).await, "none");
    assert_eq!(shown(&[external, ("TASK_INBOX_ALLOW_CIDRS", "10.0.0.0/8")]).await, "10.0.0.0/8");
}
