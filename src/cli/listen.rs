//! `task-inbox listen`: a webhook receiver for development.

mod signature;

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use clap::Args;
use http::{HeaderMap, StatusCode, Uri};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::output::{Output, printable};
use signature::{check, header, key_of};

#[derive(Args)]
pub struct Listen {
    /// 0 takes a free one
    #[arg(long, default_value_t = 5001)]
    port: u16,
    /// The signing secret (`whsec_…`); without it nothing is checked
    #[arg(long, env = "WEBHOOK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// What to answer a webhook that is well
    #[arg(long, value_name = "STATUS", default_value = "200")]
    answer: StatusCode,
}

struct Receiver {
    key: Option<Vec<u8>>,
    answer: StatusCode,
    output: Output,
    /// When nobody reads on, as after `… | head`.
    stop: CancellationToken,
}

#[derive(Serialize)]
struct Received {
    received_at: Timestamp,
    path: String,
    id: Option<String>,
    /// None: there was no secret to check with.
    verified: Option<bool>,
    problem: Option<&'static str>,
    answer: u16,
    body: Box<RawValue>,
}

impl Listen {
    pub async fn run(self, output: Output) -> Result<()> {
        let key = self.secret.as_deref().map(key_of).transpose()?;
        let listener = TcpListener::bind(("127.0.0.1", self.port))
            .await
            .with_context(|| format!("listening on port {} (`--port` names another)", self.port))?;

        let checked =
            if key.is_some() { "checked" } else { "NOT checked: give the secret with `--secret`" };
        eprintln!(
            "listening on http://{} for webhooks at any path; signatures are {checked}",
            listener.local_addr()?
        );

        let stop = CancellationToken::new();
        let receiver = Receiver { key, answer: self.answer, output, stop: stop.clone() };
        let router = Router::new().fallback(receive).with_state(Arc::new(receiver));
        tokio::select! {
            result = axum::serve(listener, router) => Ok(result?),
            () = stop.cancelled() => Ok(()),
        }
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let now = Timestamp::now();
    let checked = receiver.key.as_deref().map(|key| check(key, &headers, &body, now.as_second()));
    let problem = checked.and_then(Result::err);
    let answer = if problem.is_some() { StatusCode::BAD_REQUEST } else { receiver.answer };
    let received = Received {
        received_at: now,
        path: uri.path().to_owned(),
        id: header(&headers, "webhook-id").map(str::to_owned),
        verified: checked.map(|result| result.is_ok()),
        problem,
        answer: answer.as_u16(),
        body: as_json(&body),
    };
    if receiver.output.one(&received, &received.text()).is_err() {
        receiver.stop.cancel();
    }
    answer
}

impl Received {
    fn text(&self) -> String {
        let body: Value = serde_json::from_str(self.body.get()).unwrap_or_default();
        let word = |pointer| body.pointer(pointer).and_then(Value::as_str);
        let signature = match (self.verified, self.problem) {
            (Some(true), _) => "signature good".to_owned(),
            (_, Some(problem)) => format!("SIGNATURE WRONG: {problem}"),
            _ => "signature not checked".to_owned(),
        };
        let line = format!(
            "{}  {}  {}  {} -> {}  by {}  {signature}  answered {}",
            self.received_at.strftime("%H:%M:%S"),
            self.path,
            word("/type").unwrap_or("no type"),
            word("/data/task/title").unwrap_or("no title"),
            word("/data/state").unwrap_or("no state"),
            word("/data/actor/name").unwrap_or("nobody"),
            self.answer,
        );
        let pretty = match &body {
            Value::String(text) => text.clone(),
            body => format!("{body:#}"),
        };
        format!("{}\n{}", printable(&line).replace('\n', " "), printable(&pretty))
    }
}

/// What is no JSON is kept as a string.
fn as_json(body: &[u8]) -> Box<RawValue> {
    serde_json::from_slice(body)
        .or_else(|_| to_raw_value(&String::from_utf8_lossy(body)))
        .expect("a string is always JSON")
}
