//! The receivers of the README, with the published libraries of other languages.

use std::process::Stdio;

use http::Method;
use jiff::Timestamp;
use serde_json::json;
use standardwebhooks::Webhook;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use uuid::Uuid;

use crate::server::{Server, client, sample, sample_to, within};

pub const PYTHON: &str = "target/receivers/python/bin/python";

pub struct Receiver {
    pub url: String,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Receiver {
    pub async fn start(program: &str, script: &str, secret: &str) -> Receiver {
        let root = env!("CARGO_MANIFEST_DIR");
        let program =
            if program.contains('/') { format!("{root}/{program}") } else { program.to_owned() };
        let mut child = Command::new(&program)
            .arg(format!("{root}/tests/receivers/{script}"))
            .env("SIGNING_SECRET", secret)
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; run `tools/setup test`"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = within("the receiver", lines.next_line()).await.unwrap().unwrap();
        let port = listening.strip_prefix("listening on ").unwrap();
        Receiver { url: format!("http://127.0.0.1:{port}/hook"), lines, _child: child }
    }

    async fn line(&mut self) -> String {
        within("a line of the receiver", self.next_line()).await
    }

    pub async fn next_line(&mut self) -> String {
        self.lines.next_line().await.unwrap().unwrap()
    }
}

async fn a_receiver_verifies_and_prints(program: &str, script: &str) {
    let server = Server::start().await;
    server.load(&sample()).await;
    let secret = server.make_secret("ti:sample").await;
    let mut receiver = Receiver::start(program, script, &secret).await;
    server.load(&sample_to(&receiver.url).replace("'1'", "'2'")).await;

    let task = json!({
        "schema_name": "ti:sample", "task": "flag-content", "meta": {"text": "Zoë 🦊 \u{2028} \"1.10\" 9223372036854775808"},
    });
    let id: Uuid = server.post(task, 201).await["id"].as_str().unwrap().parse().unwrap();
    let decision = json!({"state": "allow", "comment": "ça va"});
    server.call(Method::PATCH, &format!("/tasks/{id}/state"), Some(decision), 200).await;
    assert_eq!(receiver.line().await, format!("{id} allow test"));
    server.delivery(id, 2, "delivered").await;
}

/// Its answers to a request as we would make it, to one that was changed on its
/// way, and to one that somebody kept for six minutes.
async fn a_receiver_refuses_what_is_forged(program: &str, script: &str) {
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let receiver = Receiver::start(program, script, SECRET).await;
    let library = Webhook::new(SECRET).unwrap();
    let body = json!({"data": {"task": {"id": "1"}, "state": "allow", "actor": {"name": "ana"}}});
    let (now, body) = (Timestamp::now().as_second(), body.to_string());
    let tampered = body.replace("allow", "block");
    for (age, sent, status) in [(0, &body, 200), (0, &tampered, 400), (360, &body, 400)] {
        let signature = library.sign("evt_1", now - age, body.as_bytes()).unwrap();
        let answer = client()
            .post(&receiver.url)
            .header("webhook-id", "evt_1")
            .header("webhook-timestamp", now - age)
            .header("webhook-signature", signature)
            .body(sent.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{age} {sent}");
    }
}

#[tokio::test]
#[ignore = "needs Python and the standardwebhooks package: `make test` brings them"]
async fn f01_f55_a_python_receiver_verifies_and_prints() {
    a_receiver_verifies_and_prints(PYTHON, "receiver.py").await;
}

#[tokio::test]
#[ignore = "needs Node and the standardwebhooks package: `make test` brings them"]
async fn f01_f55_a_node_receiver_verifies_and_prints() {
    a_receiver_verifies_and_prints("node", "receiver.mjs").await;
}

#[tokio::test]
#[ignore = "needs Python and the standardwebhooks package: `make test` brings them"]
async fn f54_a_python_receiver_refuses_what_is_tampered_or_replayed() {
    a_receiver_refuses_what_is_forged(PYTHON, "receiver.py").await;
}

#[tokio::test]
#[ignore = "needs Node and the standardwebhooks package: `make test` brings them"]
async fn f54_a_node_receiver_refuses_what_is_tampered_or_replayed() {
    a_receiver_refuses_what_is_forged("node", "receiver.mjs").await;
}
