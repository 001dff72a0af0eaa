//! The server under test: the release build, on a private cluster with its
//! defaults, in a folder that is gone afterwards.

use std::cell::Cell;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use task_inbox::api::load_schema;
use task_inbox::db::{Db, Target};
use task_inbox::serve::SAMPLE;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::receiver::Receiver;

pub const SCHEMA: &str = "ti:sample";
pub const TYPE: &str = "flag-content";
pub const META: &str = r#"{"post":"Buy cheap watches! Only today, only here.","author":"bob","reports":7,"language":"en"}"#;

pub struct Inbox {
    pub address: SocketAddr,
    pub database_url: String,
    pub api_key: String,
    pub pid: u32,
    pub db: Db,
    /// How many tasks have an external id.
    numbered: Cell<usize>,
    child: Child,
    _data: TempDir,
}

#[derive(Deserialize)]
struct Ready {
    url: String,
    database_url: String,
    api_key: String,
}

impl Inbox {
    /// With the sample schema, its webhooks going to the first of these; the others
    /// have a task type of their own.
    pub async fn start(server: &Path, receivers: &[&Receiver]) -> Result<Inbox> {
        // Not the folder for temporary files: that is often memory, where fsync is free.
        let data = tempfile::Builder::new().prefix("task-inbox-bench-").tempdir_in("/var/tmp")?;
        let mut child = Command::new(server)
            .args(["serve", "--json-ready"])
            .env_remove("DATABASE_URL")
            .env("TASK_INBOX_DATA", data.path())
            .env("TASK_INBOX_LISTEN", "127.0.0.1:0")
            .env("TASK_INBOX_OPS_LISTEN", "127.0.0.1:0")
            .env("TASK_INBOX_LOG", "warn")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", server.display()))?;
        let pid = child.id().context("the server has ended already")?;
        let mut lines = BufReader::new(child.stdout.take().context("the server's stdout")?).lines();
        let line = lines.next_line().await?.context("the server ended before it was ready")?;
        let ready: Ready = serde_json::from_str(&line).context("reading what the server said")?;

        let db = Db::command(&Target::parse(&ready.database_url)?)?;
        let source = schema(receivers)?;
        load_schema(&db, &source, &admin()).await?;

        Ok(Inbox {
            address: ready
                .url
                .trim_start_matches("http://")
                .parse()
                .context("the server's address")?,
            database_url: ready.database_url,
            api_key: ready.api_key,
            pid,
            db,
            numbered: Cell::new(0),
            child,
            _data: data,
        })
    }

    /// That many external ids nobody has; they count from this one.
    pub fn numbers(&self, count: usize) -> usize {
        self.numbered.replace(self.numbered.get() + count)
    }

    /// Not as an admin does it: then all would begin with one delivery at a time.
    pub async fn set_endpoints(&self, receivers: &[&Receiver], state: &str) -> Result<()> {
        let urls: Vec<&str> = receivers.iter().map(|receiver| receiver.url.as_str()).collect();
        let sql = "update app.endpoint set state = $1 where url = any ($2)";
        self.db.run(sql, &[&state, &urls]).await?;
        Ok(self.db.run("select inbox_internal.notify_all()", &[]).await?)
    }

    /// As SIGTERM asks it to, so that its cluster is stopped too.
    pub async fn stop(&mut self) -> Result<()> {
        self.db.close();
        let asked = Command::new("kill").arg(self.pid.to_string()).status().await?;
        ensure!(asked.success(), "the server could not be stopped");
        let ended = self.child.wait().await?;
        ensure!(ended.success(), "the server ended with {ended}");
        Ok(())
    }

    pub fn request(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            self.api_key,
            body.len()
        )
        .into_bytes()
    }
}

/// Who may do everything.
pub fn admin() -> Value {
    json!({"kind": "rule", "id": "bench", "name": "bench"})
}

fn schema(receivers: &[&Receiver]) -> Result<String> {
    let (first, others) = receivers.split_first().context("somebody must receive")?;
    let mut source = SAMPLE
        .replace("http://localhost:5001/api/v1/tihook", &first.url)
        .replace("semver: '1'", "semver: '2'");
    ensure!(source.contains(&first.url), "the sample schema has another hook URL than expected");
    for Receiver { ttype, url, .. } in others {
        writeln!(source, "- {{name: {ttype}, resolved_states: ['allow'], hook_url: '{url}'}}")?;
    }
    Ok(source)
}
