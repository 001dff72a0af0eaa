//! What the server's process takes, read where Linux shows it; elsewhere unknown.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Result;
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

/// Until it has nothing to do for a while.
pub async fn rest(pid: u32) {
    let mut before = None;
    loop {
        sleep(Duration::from_millis(300)).await;
        let now = ticks(pid);
        if now.is_none() || now == before {
            return;
        }
        before = now;
    }
}

fn ticks(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces; user and system time follow 11 further on.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
}

/// Resident bytes.
pub fn memory(pid: u32) -> Option<u64> {
    status(pid, "VmRSS:")
}

/// The most resident bytes there were since it was forgotten.
pub fn peak(pid: u32) -> Option<u64> {
    status(pid, "VmHWM:")
}

/// Where that cannot be, the peak of the start counts too.
pub fn forget_peak(pid: u32) {
    let _ = std::fs::write(format!("/proc/{pid}/clear_refs"), "5");
}

fn status(pid: u32, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}
