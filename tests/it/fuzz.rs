//! Broken input to everything that reads some: no panic, no answer of 5xx, and
//! each in bounded time. `make fuzz` does it for minutes, with new luck each time.
//! What was found once lies in tests/corpus and is tried first.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use task_inbox::address::Allow;
use task_inbox::schema;
use task_inbox::token::is_api_key;
use task_inbox::worker::retry_after;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, make_person, sample, within};
use crate::source::{ROOT, files};

/// Of one input, on a busy machine.
const LIMIT: Duration = Duration::from_secs(3);

/// What has broken one parser or another before.
const NASTY: &[&str] = &[
    "\0",
    "%00",
    "\\u0000",
    "\\ud800",
    "%ff",
    "%",
    "\u{202e}",
    "é",
    "\u{feff}",
    "1e131071",
    "-0",
    "-1",
    "99999999999999999999",
    "2147483648",
    "9223372036854775808",
    "NaN",
    "[",
    "]",
    "{",
    "}",
    "[[[[[[[[",
    "{\"a\":",
    ":",
    ": ",
    "\n- ",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "---\n",
    "...",
    "|\n",
    ">-\n",
    "? ",
    "'",
    "\"",
    "`",
    "\\",
    "\n",
    "\r\n",
    "\t",
    ",",
    ";",
    "=",
    "&",
    "+",
    "../",
    "//",
    "null",
    "~",
    "true",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "00000000-0000-0000-0000-000000000000",
    "tik_",
    "Bearer ",
];

struct Luck {
    rng: StdRng,
    seed: u64,
    rounds: usize,
    corpus: Vec<String>,
}

impl Luck {
    fn new() -> Luck {
        let long =
            std::env::var_os("FUZZ_ROUNDS").map(|rounds| rounds.to_string_lossy().parse().unwrap());
        // The short run is the same each time: a pull request fails by its own fault.
        let seed = if long.is_some() { rand::random() } else { 20_261_122 };
        let corpus = files("tests/corpus", "txt").into_iter().map(|(_, text)| text).collect();
        Luck { rng: StdRng::seed_from_u64(seed), seed, rounds: long.unwrap_or(500), corpus }
    }

    /// Each of the corpus, then one of these with some of it broken.
    fn inputs<'a>(
        &'a mut self,
        good: &'a [&'a str],
        share: f64,
    ) -> impl Iterator<Item = String> + 'a {
        let rounds = (self.rounds as f64 * share) as usize;
        let known = self.corpus.clone();
        known.into_iter().chain((0..rounds).map(move |_| {
            let mut bytes = good[self.rng.random_range(0..good.len())].as_bytes().to_vec();
            for _ in 0..self.rng.random_range(1..6) {
                self.damage(&mut bytes, good);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }))
    }

    fn damage(&mut self, bytes: &mut Vec<u8>, good: &[&str]) {
        let from = self.rng.random_range(0..=bytes.len());
        let to = (from + self.rng.random_range(0..12)).min(bytes.len());
        match self.rng.random_range(0..6) {
            0 => drop(bytes.drain(from..to)),
            1 => bytes.truncate(from),
            2 if from < bytes.len() => bytes[from] ^= 1 << self.rng.random_range(0..8),
            3 => {
                let part = bytes[from..to].repeat(self.rng.random_range(2..30));
                bytes.splice(from..from, part);
            }
            4 => {
                let other = good[self.rng.random_range(0..good.len())].as_bytes();
                let end = self.rng.random_range(0..=other.len());
                bytes.splice(from..to, other[..end].iter().copied());
            }
            _ => {
                let nasty = NASTY[self.rng.random_range(0..NASTY.len())];
                bytes.splice(from..to, nasty.bytes());
            }
        }
    }
}

/// Runs it on every input; what panics or takes long is named.
fn try_all(luck: &mut Luck, good: &[&str], share: f64, read: impl Fn(&str)) {
    let seed = luck.seed;
    for input in luck.inputs(good, share) {
        let began = Instant::now();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(&input)));
        let took = began.elapsed();
        assert!(outcome.is_ok() && took < LIMIT, "seed {seed}, {took:?}: {input:?}");
    }
}

#[test]
fn no_yaml_makes_the_parser_panic_or_linger() {
    let demo = std::fs::read_to_string(format!("{ROOT}/schemas/demo.yml")).unwrap();
    // Every key that is acted on, and every key there is.
    let whole = std::fs::read_to_string(format!("{ROOT}/src/schema/test_whole.yml")).unwrap();
    let grammar = std::fs::read_to_string(format!("{ROOT}/src/schema/test_grammar.yml")).unwrap();
    let sample = sample();
    try_all(&mut Luck::new(), &[&sample, &demo, &whole, &grammar], 1.0, |text| {
        drop(schema::parse(text));
    });
}

#[test]
fn no_key_no_address_and_no_retry_after_makes_us_panic() {
    let mut luck = Luck::new();
    let key = task_inbox::token::NewKey::make().key;
    try_all(&mut luck, &[&key, "tik_", ""], 10.0, |text| {
        is_api_key(text);
    });
    let ranges = ["10.0.0.0/8,fd00::/8,192.168.1.20", "::ffff:10.0.0.0/104", "none", "0.0.0.0/0"];
    try_all(&mut luck, &ranges, 10.0, |text| drop(Allow::parse(text, "")));
    let hosts = ["app.internal,*.svc.cluster.local", "höst.example", "[::1]", "127.0.0.1"];
    try_all(&mut luck, &hosts, 10.0, |text| drop(Allow::parse("", text)));
    let later =
        ["7", "999999999999", "Sun, 22 Nov 2026 10:00:20 GMT", "Sun, 22 Nov 26 10:00 -0800"];
    try_all(&mut luck, &later, 10.0, |text| {
        let seconds = retry_after(text, "2026-11-22T10:00:00Z".parse().unwrap());
        assert!(seconds.is_none_or(|seconds| seconds >= 0.0 && seconds.is_finite()));
    });
    let urls = [
        "http://user@10.0.0.1:80/x",
        "https://höst.example/ü?a=b#c",
        "http://[::ffff:1.2.3.4]/",
        "http://0x7f.1/",
    ];
    let head = "name: a\nsemver: '1'\ntasktypes: [{name: t, resolved_states: [x]}]\n";
    try_all(&mut luck, &urls, 1.0, |text| {
        let quoted = serde_json::to_string(text).unwrap();
        drop(schema::parse(&format!("default_hook_url: {quoted}\n{head}")));
    });
}

/// Sends it as it is; no client stands between that would refuse it.
async fn status_of(server: &Server, head: &str, body: &str) -> u16 {
    let address = server.url.trim_start_matches("http://");
    let request = format!(
        "{head}Host: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may answer, and close, before all was sent.
    drop(stream.write_all(request.as_bytes()).await);
    let mut answer = Vec::new();
    drop(within("an answer", stream.read_to_end(&mut answer)).await);
    let line = String::from_utf8_lossy(&answer);
    // None at all is how a request that is no HTTP may end.
    line.split(' ').nth(1).map_or(400, |status| status.parse().unwrap())
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

const QUERIES: &[(&str, &str)] = &[
    ("tasks?limit=", "50"),
    ("tasks?state=", "level1"),
    ("tasks?since=", "2026-11-22T10:00:00Z"),
    ("tasks?tag=", "x"),
    ("deliveries?endpoint=", "1"),
    ("deliveries?task=", "01a20478-3d40-7062-83a2-a1b4e78b2888"),
    ("events?after=", "0"),
    ("tasks/", "01a2"),
    ("schemas/", "ti:sample"),
    ("deliveries/", "1"),
    ("endpoints/", "10000"),
];

#[tokio::test]
async fn no_request_to_the_api_is_answered_with_5xx() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let id = server.post_flag().await;
    server.post_flag().await;
    let endpoint = server.get("/endpoints").await["endpoints"][0]["id"].to_string();
    let page = server.get("/tasks?limit=1").await;
    let cursor = page["next"].as_str().unwrap();
    let key = format!("Authorization: Bearer {}\r\n", server.key);
    let post = r#"{"schema_name":"ti:sample","task":"flag-content","state":null,"meta":{"a":[1,{"b":null}]},"external_id":"a","urgency":"low","tags":["x"],"context":{}}"#;
    let (sample, mut luck) = (sample(), Luck::new());
    let bodies = [
        (
            "POST",
            "/tasks".to_owned(),
            vec![post, r#"{"schema_name":"ti:sample","task":"flag-content"}"#],
        ),
        ("PATCH", format!("/tasks/{id}/state"), vec![r#"{"state":"level1","comment":"x"}"#]),
        (
            "POST",
            "/deliveries/replay".to_owned(),
            vec![r#"{"state":"failed","since":"2026-11-22T10:00:00Z","endpoint_id":1}"#],
        ),
        ("POST", "/schemas/ti:sample/secret/rotate".to_owned(), vec![r#"{"grace_seconds":0}"#]),
        ("PATCH", format!("/endpoints/{endpoint}"), vec![r#"{"state":"paused"}"#]),
        ("POST", "/schemas".to_owned(), vec![sample.as_str()]),
    ];
    let seed = luck.seed;
    let check = async |head: String, body: String| {
        let began = Instant::now();
        let status = status_of(&server, &head, &body).await;
        let took = began.elapsed();
        assert!(status < 500 && took < LIMIT, "seed {seed}, {status}, {took:?}: {head:?} {body:?}");
    };
    for (method, path, good) in &bodies {
        for body in luck.inputs(good, 0.1) {
            check(format!("{method} /api/v1{path} HTTP/1.1\r\n{key}"), body).await;
        }
    }
    for (path, good) in
        [("tasks?cursor=", cursor), ("deliveries?cursor=", cursor)].iter().chain(QUERIES)
    {
        for text in luck.inputs(&[*good], 0.05) {
            check(format!("GET /api/v1/{path}{} HTTP/1.1\r\n{key}", encoded(&text)), String::new())
                .await;
            // And as it is, as far as one line goes.
            let raw: String = text.chars().filter(|letter| *letter > ' ').take(2_000).collect();
            check(format!("GET /api/v1/{path}{raw} HTTP/1.1\r\n{key}"), String::new()).await;
        }
    }
    for good in [
        key.as_str(),
        "Idempotency-Key: refund-117\r\n",
        "If-Match: \"1\"\r\n",
        "api-key: tik_x\r\n",
    ] {
        for text in luck.inputs(&[good], 0.05) {
            let line = text.replace(['\r', '\n'], "");
            let head = format!("POST /api/v1/tasks HTTP/1.1\r\n{key}{line}\r\n");
            check(head, post.to_owned()).await;
        }
    }
}

#[tokio::test]
async fn no_form_is_answered_with_5xx() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let name = postgres::unique("eve");
    make_person(&server.db, &name, "admin", "correct horse battery").await;
    let cookie = server.sign_in(&name).await;
    let id = server.post_flag().await;
    let endpoint = server.get("/endpoints").await["endpoints"][0]["id"].to_string();
    let mut luck = Luck::new();
    let seed = luck.seed;
    let head = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n";
    for (path, good) in [
        (format!("/tasks/{id}/state"), "state=level1&version=1&comment=a+b%20c"),
        (format!("/tasks/{id}/confirm"), "state=block&version=1&comment=%C3%A9&typed=block"),
        (format!("/tasks/{id}/undo"), "sequence=2"),
        (
            "/deliveries/replay".to_owned(),
            "state=failed&endpoint=1&since=2026-11-22T10%3A00&until=&sure=1",
        ),
        (format!("/endpoints/{endpoint}/state"), "state=paused"),
        (format!("/endpoints/{endpoint}/secret"), "grace=3600"),
        ("/logout?next=/tasks".to_owned(), "next=%2Ftasks"),
    ] {
        for body in luck.inputs(&[good], 0.05) {
            let cookie = if path.starts_with("/logout") { "ti=none" } else { cookie.as_str() };
            let head = format!("POST {path} HTTP/1.1\r\n{head}Cookie: {cookie}\r\n");
            let began = Instant::now();
            let status = status_of(&server, &head, &body).await;
            let took = began.elapsed();
            assert!(
                status < 500 && took < LIMIT,
                "seed {seed}, {status}, {took:?}: {path} {body:?}"
            );
        }
    }
    for cookie in luck.inputs(&[cookie.as_str()], 0.05) {
        let line = cookie.replace(['\r', '\n'], "");
        let head = format!("GET / HTTP/1.1\r\nCookie: {line}\r\n");
        let status = status_of(&server, &head, "").await;
        assert!(status < 500, "seed {seed}, {status}: {line:?}");
    }
}
