//! The receivers of the README, with the published libraries of other languages.

use std::process::Stdio;

use http::Method;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use uuid::Uuid;

use crate::server::{Server, client, sample, within};

struct Receiver {
    url: String,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Receiver {
    async fn start(program: &str, script: &str, secret: &str) -> Receiver {
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
        within("a line of the receiver", self.lines.next_line()).await.unwrap().unwrap()
    }
}

async fn a_receiver_verifies_and_prints(program: &str, script: &str) {
    let server = Server::start().await;
    server.load(&sample()).await;
    let secret = server.make_secret("ti:sample").await;
    let mut receiver = Receiver::start(program, script, &secret).await;
    server
        .load(
            &sample()
                .replace("http://localhost:5001/api/v1/tihook", &receiver.url)
                .replace("'1'", "'2'"),
        )
        .await;

    let task = json!({
        "schema_name": "ti:sample", "task": "flag-content", "meta": {"text": "Zoë 🦊 \u{2028} \"1.10\" 9223372036854775808"},
    });
    let id: Uuid = server.post(task, 201).await["id"].as_str().unwrap().parse().unwrap();
    let decision = json!({"state": "allow", "comment": "ça va"});
    server.call(Method::PATCH, &format!("/tasks/{id}/state"), Some(decision), 200).await;
    assert_eq!(receiver.line().await, format!("{id} allow test"));
    server.delivery(id, 2, "delivered").await;

    let forged = client()
        .post(&receiver.url)
        .header("webhook-id", "evt_1")
        .header("webhook-timestamp", jiff::Timestamp::now().as_second())
        .header("webhook-signature", "v1,Zm9yZ2Vk")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), 400);
}

#[tokio::test]
#[ignore = "needs Python and the standardwebhooks package: `make test` brings them"]
async fn a_python_receiver_verifies_and_prints() {
    a_receiver_verifies_and_prints("target/receivers/python/bin/python", "receiver.py").await;
}

#[tokio::test]
#[ignore = "needs Node and the standardwebhooks package: `make test` brings them"]
async fn a_node_receiver_verifies_and_prints() {
    a_receiver_verifies_and_prints("node", "receiver.mjs").await;
}
