//! The machine, as far as it explains the numbers.

use std::process::Command;

use anyhow::Result;
use task_inbox::db::Db;

pub struct Facts {
    pub date: String,
    pub rows: Vec<(&'static str, String)>,
}

pub async fn gather(db: &Db) -> Result<Facts> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = first_line("/proc/meminfo", "MemTotal:")
        .and_then(|text| text.trim_end_matches(" kB").parse().ok());
    let memory = memory.map(|kilobytes: u64| format!("{:.1} GB", kilobytes as f64 / 1e6));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")
        .ok()
        .map(|text| text.trim().to_owned());
    let rustc = Command::new("rustc").arg("--version").output().ok();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let unknown = |fact: Option<String>| fact.unwrap_or_else(|| "unknown".to_owned());

    let mut rows = vec![
        (
            "processor",
            format!("{cores} cores, {}", unknown(first_line("/proc/cpuinfo", "model name"))),
        ),
        ("memory", unknown(memory)),
        ("system", format!("{} {}", std::env::consts::OS, unknown(kernel))),
        ("load before", unknown(load())),
        ("rustc", unknown(rustc)),
    ];
    for name in
        ["server_version", "fsync", "synchronous_commit", "shared_buffers", "max_connections"]
    {
        let row = db.row("select current_setting($1)", &[&name]).await?;
        rows.push((name, row.get(0)));
    }
    Ok(Facts { date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(), rows })
}

fn load() -> Option<String> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next().map(str::to_owned)
}

/// What follows a name in a file of `name : value` lines.
fn first_line(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(rest.trim_start_matches([' ', '\t', ':']).to_owned())
}
