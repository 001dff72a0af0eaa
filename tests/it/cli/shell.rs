//! Runs the program and keeps what it said.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::postgres::{client, fresh_database};
use crate::server::{sample, within};

pub const SECRET_KEY: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

/// The program with a database to work on.
pub struct Shell {
    pub database_url: String,
}

pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Shell {
    pub async fn new() -> Shell {
        Shell { database_url: fresh_database().await }
    }

    /// With the sample schema applied.
    pub async fn with_sample() -> Shell {
        let shell = Shell::new().await;
        shell.run_with(&["schema", "apply", "-"], &sample()).await.ok();
        shell
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.env("DATABASE_URL", &self.database_url).env("TASK_INBOX_SECRET_KEY", SECRET_KEY);
        command
    }

    pub async fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "").await
    }

    pub async fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        run(self.command(arguments), input).await
    }

    /// Arranges something that no command does.
    pub async fn sql(&self, statement: &str) {
        client(&self.database_url).await.batch_execute(statement).await.unwrap();
    }

    pub async fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat()).await.ok();
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {}", ran.stdout))
    }
}

impl Ran {
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }

    /// Exit code 1, one `error:` line that says so, and nothing on stdout.
    pub fn failed(self, saying: &str) {
        assert_eq!(self.code, Some(1), "{}{}", self.stdout, self.stderr);
        assert!(
            self.stderr.starts_with("error: ") && self.stderr.contains(saying),
            "{}",
            self.stderr
        );
        assert_eq!(self.stdout, "");
    }
}

/// Without anything of the environment the tests run in.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_task-inbox"));
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub async fn run(mut command: Command, input: &str) -> Ran {
    let mut child = command.spawn().unwrap();
    // A command that needs no input may end without having read it.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()).await);
    let output = within("a command's end", child.wait_with_output()).await.unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
