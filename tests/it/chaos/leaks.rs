//! Secrets are looked for wherever somebody may look who should not know them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::PATIENCE;
use super::inbox::Inbox;
use super::ledger::note;
use super::load::Load;
use super::program::{Program, run};
use super::receiver::Answer;
use crate::server::client;

#[tokio::test]
async fn f66_s27_s60_no_secret_is_in_a_log_a_page_an_answer_or_the_list_of_sessions() {
    let mut inbox = Inbox::new().await;
    inbox.set("TASK_INBOX_LOG", "debug");
    inbox.set("TASK_INBOX_OPS_LISTEN", "127.0.0.1:0");
    inbox.receiver.answer(|_| match rand::random::<u8>() % 8 {
        0 => Answer::Echo(500),
        1 => Answer::Reset,
        _ => Answer::Echo(200),
    });
    let ended = AtomicBool::new(false);
    let work = async {
        let found = every_place(&inbox).await;
        ended.store(true, Ordering::Relaxed);
        found
    };
    let ((mut places, mut secrets, load), sessions) = tokio::join!(work, sessions(&inbox, &ended));
    places.push(("sessions".to_owned(), sessions));
    places.push(("logs".to_owned(), inbox.logs()));

    let password = inbox.database_url.split_once("task_inbox:").unwrap().1;
    secrets.push(password.split_once('@').unwrap().0.to_owned());
    secrets.extend(inbox.secrets.iter().cloned());
    secrets.push(inbox.key.clone());
    secrets.push("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY".to_owned());
    for (place, text) in &places {
        assert!(!text.is_empty(), "{place} is empty");
        for secret in &secrets {
            // A part of it would do, and prefixes are no secret.
            let part = &secret[secret.len() - 20..];
            if let Some(at) = text.find(part) {
                panic!("{place}: …{}", &text[text.floor_char_boundary(at.saturating_sub(200))..at]);
            }
        }
    }
    inbox.balance("f66_secret_leak_scan", &load.acknowledged(), &[]).await;
    note("places", places.len());
    note("secrets", secrets.len());
    note("kilobytes", places.iter().map(|(_, text)| text.len()).sum::<usize>() / 1024);
}

/// Webhooks that arrive and that do not, pages, answers and refusals: all that
/// was shown, and the secrets that came up on the way.
async fn every_place(inbox: &Inbox) -> (Vec<(String, String)>, Vec<String>, Load) {
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    for _ in 0..10 {
        load.walk(&["level1", "allow"]).await;
    }
    inbox.drained(PATIENCE).await;

    let link = run(&inbox.settings, &["user", "login-link", "admin"]).await;
    let link = link["url"].as_str().unwrap();
    let cookie = sign_in(link).await;
    let mut places = pages(&server, &cookie).await;
    let admin = run(&inbox.settings, &["api-key", "create", "--scope", "read,admin"]).await;
    let old = admin["prefix"].as_str().unwrap();
    let rotated = run(&inbox.settings, &["api-key", "rotate", old]).await;
    let rotated = rotated["key"].as_str().unwrap().to_owned();
    let admin = admin["key"].as_str().unwrap().to_owned();
    let wrong = "a-password-that-is-wrong";
    let form = format!("name=admin&password={wrong}");
    let form = client().post(format!("{}/login", server.url)).body(form);
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    form.header("sec-fetch-site", "same-origin").send().await.unwrap();
    places.extend(answers(&server, &inbox.key).await);
    places.extend(deliveries(&server, &admin).await);
    places.push(("metrics".to_owned(), metrics(&server).await));
    for command in [
        &["config"][..],
        &["api-key", "list"],
        &["webhook-secret", "list"],
        &["delivery", "list"],
        &["user", "list"],
        &["schema", "show", "ti:sample"],
    ] {
        let shown = run(&inbox.settings, command).await;
        places.push((command.join(" "), shown.to_string()));
    }
    assert!(server.terminate().await.success());
    let token = link.rsplit_once('/').unwrap().1.to_owned();
    let mut secrets = vec![token, admin, rotated, wrong.to_owned()];
    secrets.extend(cookie.split("; ").map(|one| one.split_once('=').unwrap().1.to_owned()));
    (places, secrets, load)
}

async fn sign_in(link: &str) -> String {
    let used = client().post(link).header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(used.status(), 303);
    let cookies = used.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    cookies.map(|set| set.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

/// Every page that a link leads to, with its headers.
async fn pages(server: &Program, cookie: &str) -> Vec<(String, String)> {
    let mut known = BTreeSet::from(["/".to_owned(), "/done".to_owned(), "/login".to_owned()]);
    let mut next: Vec<String> = known.iter().cloned().collect();
    let (http, mut shown) = (client(), Vec::new());
    while let Some(path) = next.pop() {
        let page = http.get(format!("{}{path}", server.url)).header("cookie", cookie);
        let page = page.send().await.unwrap();
        let headers = format!("{:?}", page.headers());
        // Pictures and the like are the same for everybody.
        let Ok(text) = String::from_utf8(page.bytes().await.unwrap().to_vec()) else { continue };
        for link in text.split("href=\"/").skip(1) {
            let link = format!("/{}", link.split(['"', '#']).next().unwrap());
            if known.len() < 60 && !link.starts_with("/assets") && known.insert(link.clone()) {
                next.push(link);
            }
        }
        shown.push((format!("page {path}"), headers + &text));
    }
    assert!(shown.len() > 10, "{} pages", shown.len());
    shown
}

/// What the API tells, and how it refuses.
async fn answers(server: &Program, key: &str) -> Vec<(String, String)> {
    let long = "x".repeat(300_000);
    let key = format!("Bearer {key}");
    let wrong = format!("{}x", &key[..key.len() - 1]);
    let task = json!({"schema_name": "ti:sample", "task": "flag-content", "external_id": 1});
    let (http, mut shown) = (client(), Vec::new());
    for (authorization, path, body) in [
        (&key, "tasks", ""),
        (&key, "schemas", ""),
        (&key, "schemas/ti:sample", ""),
        (&key, "deliveries", ""),
        (&key, "endpoints", ""),
        (&key, "events", ""),
        (&key, "nothing", ""),
        (&key, "tasks", &task.to_string()),
        (&key, "tasks", "{"),
        (&key, "tasks", &long),
        (&key, "schemas", "name: 'broken"),
        (&wrong, "tasks", "{}"),
    ] {
        let url = format!("{}/api/v1/{path}", server.url);
        let request = if body.is_empty() { http.get(url) } else { http.post(url) };
        let request = request.header("authorization", authorization).body(body.to_owned());
        let answer = request.send().await.unwrap();
        let headers = format!("{:?}", answer.headers());
        shown.push((format!("answer {path}"), headers + &answer.text().await.unwrap()));
    }
    shown
}

/// Every delivery as an admin sees it, with what the receiver answered.
async fn deliveries(server: &Program, key: &str) -> Vec<(String, String)> {
    let http = client();
    let ask = async |path: String| {
        let request = http.get(format!("{}/api/v1/deliveries{path}", server.url));
        let answer = request.bearer_auth(key).send().await.unwrap();
        answer.error_for_status().unwrap().text().await.unwrap()
    };
    let list: Value = serde_json::from_str(&ask("?limit=200".to_owned()).await).unwrap();
    let mut shown = Vec::new();
    for delivery in list["deliveries"].as_array().unwrap() {
        let text = ask(format!("/{}", delivery["id"])).await;
        assert!(text.contains("webhook-signature"), "no echo: {text}");
        shown.push((format!("delivery {}", delivery["id"]), text));
    }
    assert_eq!(shown.len(), 20);
    shown
}

async fn metrics(server: &Program) -> String {
    let log = server.log();
    let url = log.split("metrics on ").nth(1).unwrap().split_whitespace().next().unwrap();
    client().get(url).send().await.unwrap().text().await.unwrap()
}

/// Every statement that was seen under way.
async fn sessions(inbox: &Inbox, ended: &AtomicBool) -> String {
    let client = inbox.client().await;
    let mut seen = BTreeSet::new();
    while !ended.load(Ordering::Relaxed) {
        let sql = "select to_jsonb(session) from pg_stat_activity session
                   where pid <> pg_backend_pid() and datname = current_database()";
        for row in client.query(sql, &[]).await.unwrap() {
            let session: Value = row.get(0);
            seen.insert(format!("{} {}", session["query"], session["application_name"]));
        }
        sleep(Duration::from_millis(3)).await;
    }
    assert!(seen.len() > 10, "{} statements", seen.len());
    seen.into_iter().collect()
}
