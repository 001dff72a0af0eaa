//! pgbench, the load that comes with PostgreSQL: what the cluster takes without us.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::inbox::Inbox;

/// Connections are made and plans are cached then.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// Transactions a second of one statement, with its variables.
pub async fn per_second(
    inbox: &Inbox,
    clients: usize,
    seconds: u64,
    statement: &str,
    variables: &[(&str, &str)],
) -> Result<f64> {
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), statement)?;
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-P", "1"])
        .args(["-c", &clients.to_string(), "-j", &clients.min(2).to_string()])
        .args(
            variables.iter().flat_map(|(name, value)| ["-D".to_owned(), format!("{name}={value}")]),
        )
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
        progress.lines().filter_map(rate).skip(WARM_UP.as_secs() as usize).collect();
    ensure!(!each.is_empty(), "pgbench told no progress: {progress}");
    Ok(each.iter().sum::<f64>() / each.len() as f64)
}

/// From `progress: 2.0 s, 1234.5 tps, lat …`.
fn rate(line: &str) -> Option<f64> {
    line.strip_prefix("progress: ")?.split(", ").nth(1)?.strip_suffix(" tps")?.parse().ok()
}
