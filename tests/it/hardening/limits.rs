//! How much, how deep and how slow a request may be.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use task_inbox::token::NewKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{connect, raw};
use crate::hook::Hook;
use crate::server::{Server, within};

async fn with_sample() -> Server {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    server
}

impl Server {
    /// A post with this `meta`, as it was written.
    async fn post_meta(&self, meta: &str, status: u16) -> Value {
        let body = format!(r#"{{"schema_name":"ti:sample","task":"flag-content","meta":{meta}}}"#);
        self.call_with(&self.key, Method::POST, "/tasks", &[], Some(body), status).await
    }
}

#[tokio::test]
async fn s42_the_character_nul_is_refused_with_its_place() {
    let server = with_sample().await;
    let refused = server.post_meta(r#"{"a":{"b\u0000":1}}"#, 422).await;
    assert_eq!(refused["code"], "value_storable");
    let refused = server.post_meta(r#"{"a":["x\u0000"]}"#, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/meta/a/0");
}

#[tokio::test]
async fn s43_half_a_character_is_refused_with_its_place() {
    let refused = with_sample().await.post_meta(r#"{"a":"\ud800"}"#, 422).await;
    assert_eq!(
        (&refused["code"], &refused["errors"][0]["pointer"]),
        (&json!("value_storable"), &json!("/meta/a"))
    );
}

#[tokio::test]
async fn s44_a_number_that_grows_when_it_is_stored_is_refused() {
    let server = with_sample().await;
    for number in ["1e131071", "-1e-9999", "1E39", &"9".repeat(39)] {
        let refused = server.post_meta(&format!(r#"{{"n":{number}}}"#), 422).await;
        assert_eq!(refused["code"], "value_storable", "{number}");
    }
    server.post_meta(&format!(r#"{{"n":{}}}"#, "9".repeat(38)), 201).await;
}

#[tokio::test]
async fn s45_json_without_end_never_reaches_the_database() {
    let server = with_sample().await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    for depth in [200, 60_000] {
        let refused = server.post_meta(&format!("{{\"a\":{}}}", nested(depth)), 422).await;
        assert_eq!(refused["code"], "value_storable", "{depth}");
    }
    // The body and meta are levels too.
    server.post_meta(&format!("{{\"a\":{}}}", nested(62)), 201).await;
}

#[tokio::test]
async fn s46_a_body_over_256_kib_is_refused_also_when_it_does_not_say_so() {
    let server = with_sample().await;
    let refused = server.post_meta(&format!("{{\"a\":\"{}\"}}", "x".repeat(256 * 1024)), 413).await;
    assert_eq!(refused["code"], "body_size");

    let key = &server.key;
    let mut chunked = format!(
        "POST /api/v1/tasks HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
         connection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    for _ in 0..40 {
        chunked.push_str(&format!("2000\r\n{}\r\n", "x".repeat(0x2000)));
    }
    let answer = raw(&server, chunked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("body_size"), "{answer}");
}

#[tokio::test]
async fn s47_a_body_that_never_comes_is_given_up() {
    let server = Server::start().await;
    let slow = async |head: String| {
        let mut stream = connect(&server).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        within("the refusal", stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408");
    };
    let api = format!(
        "POST /api/v1/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 100\r\n\r\n{{",
        server.key
    );
    let form = "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\
        content-type: application/x-www-form-urlencoded\r\n\r\nname=a";
    tokio::join!(slow(api), slow(form.to_owned()));
}

#[tokio::test]
async fn s47_a_made_up_key_is_refused_before_its_body_has_come() {
    let server = with_sample().await;
    let id = server.post_flag().await;
    let made_up = NewKey::make().key;
    let begin = async |method: &str, path: &str, key: &str, length: &str, beginning: &str| {
        let mut stream = connect(&server).await;
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
             {length}\r\n\r\n{beginning}"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    let chunked = ("transfer-encoding: chunked", "5\r\n{\"a\":\r\n");
    let large = ("content-length: 16385", "{");
    for (method, path) in [("POST", "/tasks".to_owned()), ("PATCH", format!("/tasks/{id}/state"))] {
        for (length, beginning) in [chunked, large] {
            let began = Instant::now();
            let mut stream = begin(method, &path, &made_up, length, beginning).await;
            let mut answer = [0; 12];
            within("the refusal", stream.read_exact(&mut answer)).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 401", "{method} {length}");
            // The body itself is waited for 15 s.
            assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        }
    }

    // Who has a key may send in parts what they have to say.
    let body = r#"{"schema_name":"ti:sample","task":"flag-content"}"#;
    let whole = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let mut stream = begin("POST", "/tasks", &server.key, chunked.0, &whole).await;
    let mut answer = [0; 12];
    within("the answer", stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 201");
}

#[tokio::test]
async fn s48_of_a_key_that_is_there_twice_the_last_counts_and_a_member_is_refused() {
    let server = with_sample().await;
    let posted = server.post_meta(r#"{"a":1,"a":2}"#, 201).await;
    assert_eq!(posted["task"]["meta"], json!({"a": 2}));
    let body = r#"{"schema_name":"ti:sample","schema_name":"x","task":"flag-content"}"#.to_owned();
    let refused = server.call_with(&server.key, Method::POST, "/tasks", &[], Some(body), 422).await;
    assert_eq!(refused["code"], "body_shape");
}

#[tokio::test]
async fn s76_one_more_than_may_wait_is_told_so_and_who_goes_makes_room() {
    let server = Server::start_with(|config| config.limits.waiters = 2).await;
    server.with_hook(&Hook::start().await).await;
    let id = server.post_flag().await;
    let wait = |path: String, seconds: u8| {
        let address = format!("{}/api/v1{path}wait={seconds}", server.url);
        server.http.get(address).bearer_auth(&server.key).send()
    };
    let task = format!("/tasks/{id}?");
    let feed = "/events?after=0&".to_owned();
    // Whether both wait is looked for with a third, which may have come first.
    let insist = |path: &str| {
        let address = format!("{}/api/v1{path}wait=60", server.url);
        let request = server.http.get(address).bearer_auth(&server.key);
        tokio::spawn(async move {
            loop {
                let answer = request.try_clone().unwrap().send().await.unwrap();
                if answer.status() != 429 {
                    return answer;
                }
            }
        })
    };
    let waiting = [insist(&task), insist(&feed)];
    for path in [&task, &feed] {
        within("the places to be taken", async {
            while wait(path.clone(), 1).await.unwrap().status() != 429 {}
        })
        .await;
    }
    let refused = wait(task.clone(), 1).await.unwrap();
    assert_eq!(refused.headers()["retry-after"], "2");
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "waiters");
    // Who does not wait needs no place.
    server.get(&format!("/tasks/{id}")).await;
    server.get("/events").await;

    waiting[1].abort();
    within("a place", async { while wait(task.clone(), 1).await.unwrap().status() != 200 {} })
        .await;
    server.set_state(id, "allow", 200).await;
    let [first, _] = waiting;
    let told = within("who waits", first).await.unwrap();
    assert_eq!(told.json::<Value>().await.unwrap()["task"]["state"], "allow");
}
