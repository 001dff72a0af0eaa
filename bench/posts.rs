//! The same post in two ways: pgbench calling `inbox.post_task`, and the HTTP API.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use serde_json::json;
use tokio::process::Command;
use tokio::time::Instant;

use crate::Plan;
use crate::inbox::{Inbox, META, SCHEMA, TYPE};
use crate::wire::Wire;

/// Connections are made and plans are cached then.
const WARM_UP: Duration = Duration::from_secs(1);

pub struct Posts {
    pub clients: usize,
    pub sql: Vec<f64>,
    pub http: Vec<f64>,
}

impl Posts {
    /// Of neighbours, each.
    pub fn ratios(&self) -> Vec<f64> {
        self.http.iter().zip(&self.sql).map(|(http, sql)| http / sql).collect()
    }
}

pub async fn measure(plan: &Plan, inbox: &Inbox, clients: usize) -> Result<Posts> {
    let mut posts = Posts { clients, sql: Vec::new(), http: Vec::new() };
    for _ in 0..plan.rounds {
        posts.sql.push(over_sql(inbox, clients, plan.seconds).await?);
        posts.http.push(over_http(inbox, clients, plan.seconds).await?);
    }
    Ok(posts)
}

async fn over_sql(inbox: &Inbox, clients: usize, seconds: u64) -> Result<f64> {
    let script = tempfile::NamedTempFile::new()?;
    // Variables, because pgbench would take a colon within a text for one.
    std::fs::write(
        script.path(),
        "select id, created, owed, task_object from inbox.post_task(:schema, :type, null, :meta, null, null, '{}', \
         null, null, :actor, 'api');\n",
    )?;
    // As the API calls it: the same key, checked by the same function.
    let actor = json!({"kind": "key", "id": "1", "name": "first"});
    let output = Command::new("pgbench")
        .args([
            "-n",
            "-M",
            "prepared",
            "-P",
            "1",
            "-c",
            &clients.to_string(),
            "-j",
            &clients.min(2).to_string(),
        ])
        .args(["-D", &format!("schema={SCHEMA}"), "-D", &format!("type={TYPE}")])
        .args(["-D", &format!("meta={META}"), "-D", &format!("actor={actor}")])
        .args(["-T", &(WARM_UP.as_secs() + seconds).to_string(), "-f"])
        .arg(script.path())
        .arg(&inbox.database_url)
        // Else it would also send NOTIFY in every transaction, which the server never does.
        .env("PGOPTIONS", "-c task_inbox.defer_notify=on -c timezone=UTC")
        .stdin(Stdio::null())
        .output()
        .await
        .context("starting pgbench, which comes with PostgreSQL (Debian: postgresql)")?;
    let progress = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && !progress.contains("aborted"), "pgbench: {progress}");

    let each: Vec<f64> =
        progress.lines().filter_map(per_second).skip(WARM_UP.as_secs() as usize).collect();
    ensure!(!each.is_empty(), "pgbench told no progress: {progress}");
    Ok(each.iter().sum::<f64>() / each.len() as f64)
}

/// From `progress: 2.0 s, 1234.5 tps, lat …`.
fn per_second(line: &str) -> Option<f64> {
    line.strip_prefix("progress: ")?.split(", ").nth(1)?.strip_suffix(" tps")?.parse().ok()
}

async fn over_http(inbox: &Inbox, clients: usize, seconds: u64) -> Result<f64> {
    let body = format!(r#"{{"schema_name":"{SCHEMA}","task":"{TYPE}","meta":{META}}}"#);
    let request = inbox.request("POST", "/tasks", &body);
    let from = Instant::now() + WARM_UP;
    let until = from + Duration::from_secs(seconds);

    let client = async || {
        let mut wire = Wire::connect(inbox.address).await?;
        let mut posted = 0;
        loop {
            let status = wire.status_of(&request).await?;
            ensure!(status == 201, "a post was answered with {status}");
            let now = Instant::now();
            if now >= until {
                return Ok(posted);
            }
            posted += usize::from(now >= from);
        }
    };
    let posted: usize = try_join_all((0..clients).map(|_| client())).await?.iter().sum();
    Ok(posted as f64 / seconds as f64)
}
