//! What the server's process takes, read where Linux shows it; elsewhere unknown.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::inbox::Inbox;

/// Linux counts processor time in hundredths of a second (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

pub struct Idle {
    pub memory: Option<u64>,
    pub processor_percent: Option<f64>,
    pub statements_per_minute: f64,
}

pub async fn watch_idle(inbox: &Inbox, seconds: u64) -> Result<Idle> {
    // What the start left to do.
    sleep(Duration::from_secs(2)).await;
    let (ticks, before) = (ticks(inbox.pid), statements(inbox).await?);
    let mut seen = before.clone();
    for _ in 0..seconds * 10 {
        sleep(Duration::from_millis(100)).await;
        seen.extend(statements(inbox).await?);
    }
    let used = self::ticks(inbox.pid).zip(ticks).map(|(after, before)| after - before);
    Ok(Idle {
        memory: memory(inbox.pid),
        processor_percent: used.map(|ticks| ticks / TICKS_PER_SECOND / seconds as f64 * 100.0),
        statements_per_minute: (seen.len() - before.len()) as f64 * 60.0 / seconds as f64,
    })
}

/// The newest statement of each of the server's sessions. Looked at often enough,
/// that is all of them: the counters of PostgreSQL also count its own housekeeping.
async fn statements(inbox: &Inbox) -> Result<HashSet<(i32, String)>> {
    let sql = "select pid, query_start::text from pg_stat_activity
               where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()";
    let rows = inbox.db.rows(sql, &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn ticks(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces; user and system time follow 11 further on.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
}

/// Resident bytes.
pub fn memory(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

pub struct MemoryWatch {
    most: Arc<AtomicU64>,
    watching: JoinHandle<()>,
}

/// Looks ten times a second until its peak is asked for.
pub fn watch_memory(pid: u32) -> MemoryWatch {
    let most = Arc::new(AtomicU64::new(0));
    let seen = most.clone();
    let watching = tokio::spawn(async move {
        while let Some(bytes) = memory(pid) {
            seen.fetch_max(bytes, Ordering::Relaxed);
            sleep(Duration::from_millis(100)).await;
        }
    });
    MemoryWatch { most, watching }
}

impl MemoryWatch {
    pub fn peak(self) -> Option<u64> {
        self.watching.abort();
        Some(self.most.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }
}
