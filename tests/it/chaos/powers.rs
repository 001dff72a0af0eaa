//! A PostgreSQL that writes down every statement, and logins that may too much.

use serde_json::Value;

use super::inbox::Inbox;
use super::load::Load;
use super::postgresql::Postgresql;
use super::program::{run, run_with};
use super::{PATIENCE, until};
use crate::postgres;
use crate::server::client;

const OLD_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const NEW_KEY: &str = "OTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTBmZWRjYmE=";

const SUPERUSER: &str = "local all postgres trust";

async fn administrator(postgresql: &Postgresql) -> tokio_postgres::Client {
    postgres::client(&postgres::as_role(&postgresql.database_url, "postgres", "none")).await
}

#[tokio::test]
async fn s60_no_secret_is_in_postgresqls_log_of_every_statement_and_its_parameters() {
    let everything = "log_statement = all\nlog_parameter_max_length = -1\n\
                      log_parameter_max_length_on_error = -1\nlog_min_duration_statement = 0";
    let postgresql = Postgresql::start_with(everything, SUPERUSER).await;
    // Our own cluster leaves parameters out.
    let terse = "alter role task_inbox set log_error_verbosity = verbose";
    administrator(&postgresql).await.batch_execute(terse).await.unwrap();
    let mut inbox = Inbox::on(&postgresql.database_url).await;
    // Links need an address.
    assert!(inbox.serve().await.terminate().await.success());
    let mut secrets = commands(&mut inbox).await;

    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    load.walk(&["level1", "allow"]).await;
    inbox.drained(PATIENCE).await;
    for password in ["password-of-ana-0123456789", "password-that-is-wrong-0123"] {
        let form = client().post(format!("{}/login", server.url));
        let form = form.body(format!("name=ana&password={password}"));
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        let answer = form.header("sec-fetch-site", "same-origin").send().await.unwrap();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(['=', ';']).nth(1).unwrap();
            secrets.push(cookie.to_owned());
        }
        secrets.push(password.to_owned());
    }
    assert!(server.terminate().await.success());

    let log = postgresql.log();
    for statement in
        ["create_webhook_secret", "rotate_webhook_secret", "set_password", "finish_sign_in"]
    {
        assert!(log.contains(statement), "{statement} is not in the log");
    }
    assert!(log.contains("arameters: $1 = "), "there are no parameters in the log");
    assert!(secrets.len() > 14, "{}", secrets.len());
    for secret in &secrets {
        // A part of it would do, in clear or as PostgreSQL writes bytes.
        let part = &secret[secret.len() - 16..];
        let bytes: String = part.bytes().map(|byte| format!("{byte:02x}")).collect();
        for part in [part, &bytes] {
            if let Some(at) = log.find(part) {
                let start = log.floor_char_boundary(at.saturating_sub(300));
                panic!("{}", &log[start..at]);
            }
        }
    }
}

/// Every command that makes or takes a secret; gives the secrets.
async fn commands(inbox: &mut Inbox) -> Vec<String> {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let mut secrets = vec![OLD_KEY.to_owned(), NEW_KEY.to_owned(), inbox.key.clone()];
    inbox.apply("ti:other").await;
    for key in ["hook-key-given-0123456789", "hook-key-given-9876543210"] {
        let rotate =
            ["webhook-secret", "rotate", "ti:other", "--grace", "0s", "--key", "-"].as_slice();
        let rotated = run_with(&inbox.settings, rotate, key).await;
        secrets.extend([key.to_owned(), text(&rotated, "signing_secret")]);
    }
    secrets.extend(inbox.secrets.iter().cloned());
    let settings = &inbox.settings;
    let key = run(settings, &["api-key", "create"]).await;
    let rotated = run(settings, &["api-key", "rotate", &text(&key, "prefix")]).await;
    secrets.extend([text(&key, "key"), text(&rotated, "key")]);
    let first = "password-of-ana-first-one";
    run_with(settings, &["user", "create", "ana", "--password-stdin"], first).await;
    let second = "password-of-ana-0123456789";
    run_with(settings, &["user", "set-password", "ana", "--password-stdin"], second).await;
    let link = run(settings, &["user", "login-link", "ana"]).await;
    let invitation = run(settings, &["user", "invite", "bob"]).await;
    secrets.extend([first.to_owned(), text(&link, "url"), text(&invitation, "url")]);
    inbox.set("TASK_INBOX_SECRET_KEY", &format!("{NEW_KEY},{OLD_KEY}"));
    run(&inbox.settings, &["secrets", "rotate"]).await;
    let password = inbox.database_url.split_once("task_inbox:").unwrap().1;
    secrets.push(password.split_once('@').unwrap().0.to_owned());
    secrets
}

#[tokio::test]
async fn a_login_that_may_more_than_it_needs_is_named_at_the_start() {
    let postgresql = Postgresql::start_with("", SUPERUSER).await;
    let administrator = administrator(&postgresql).await;
    let inbox = Inbox::on(&postgresql.database_url).await;
    for (powers, named) in [
        ("createrole", Some("need: CREATEROLE")),
        ("bypassrls replication", Some("need: BYPASSRLS, REPLICATION, CREATEROLE")),
        ("superuser", Some("need: SUPERUSER, BYPASSRLS, REPLICATION, CREATEROLE")),
        ("nosuperuser nobypassrls noreplication nocreaterole", None),
    ] {
        let alter = format!("alter role task_inbox {powers}");
        administrator.batch_execute(&alter).await.unwrap();
        let server = inbox.serve().await;
        until("it to listen", PATIENCE, async || server.is_listening()).await;
        let log = server.log();
        let warnings = log.lines().filter(|line| line.contains("does not need"));
        let warnings: Vec<&str> = warnings.collect();
        assert_eq!(warnings.len(), usize::from(named.is_some()), "{powers}: {log}");
        if let Some(named) = named {
            assert!(warnings[0].contains(named), "{}", warnings[0]);
        }
        assert!(server.terminate().await.success());
    }
}
