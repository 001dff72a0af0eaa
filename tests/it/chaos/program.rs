//! The program itself, in a process of its own that can be stopped, killed and looked at.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use super::PATIENCE;
use crate::embedded::signal;
use crate::server::within;

pub type Settings = Vec<(&'static str, String)>;

pub struct Program {
    pub url: String,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// `serve` with these arguments besides; returns when it is ready.
    pub async fn serve(settings: &Settings, arguments: &[&str], log: PathBuf) -> Program {
        let mut child = command(settings)
            .args(["serve", "--json-ready"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within("the program to be ready", lines.next_line()).await.unwrap();
        let Some(line) = line else {
            panic!("serve ended: {}", fs::read_to_string(&log).unwrap());
        };
        let ready: Value = serde_json::from_str(&line).unwrap();
        Program { url: ready["url"].as_str().unwrap().to_owned(), child, log }
    }

    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// For what others decide; of its own decisions it knows anyway.
    pub fn is_listening(&self) -> bool {
        self.log().contains("listening worker.id=")
    }

    /// No process gets this: it ends between two instructions.
    pub async fn kill9(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Stops it where it is; everybody else sees it as before, but silent.
    pub fn freeze(&self) {
        signal("-STOP", &self.id().to_string());
    }

    pub fn thaw(&self) {
        signal("-CONT", &self.id().to_string());
    }

    pub async fn terminate(mut self) -> ExitStatus {
        signal("-TERM", &self.id().to_string());
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("an end").unwrap()
    }

    /// What it has used of the processors, to the nanosecond.
    pub fn processor_time(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id())).unwrap();
        let used = tasks.filter_map(|task| {
            // A thread may have ended since it was listed.
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(used.sum())
    }

    pub fn resident_kilobytes(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().split(' ').next().unwrap().parse().unwrap()
    }

    pub fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap().count()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(60)..];
            eprintln!("the last of {}:\n{}", self.log.display(), last.join("\n"));
        }
    }
}

/// One command to its end; gives what it printed as JSON.
pub async fn run(settings: &Settings, arguments: &[&str]) -> Value {
    run_with(settings, arguments, "").await
}

pub async fn run_with(settings: &Settings, arguments: &[&str], input: &str) -> Value {
    let mut command = command(settings);
    command.arg("--json").args(arguments).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that needs no input may end without having read it.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()).await);
    let output = within("a command", child.wait_with_output()).await.unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// Of the test's own environment it gets nothing that could change it.
fn command(settings: &Settings) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_task-inbox")));
    command.env_clear().envs(settings.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null());
    command
}
