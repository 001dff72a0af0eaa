//! What changes what is decided: resolve, change, withdraw, reopen, undo.

use anyhow::{Context, Result};
use clap::Args;
use serde_json::value::RawValue;
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::act;
use crate::cli::actor;
use crate::cli::console::Console;
use crate::cli::input::{given, json, json_or_dash};

#[derive(Args)]
pub struct Decision {
    id: Uuid,
    state: String,
    /// What the state asks for, as a JSON object
    #[arg(long, value_name = "JSON", value_parser = json)]
    args: Option<String>,
    #[arg(long)]
    comment: Option<String>,
    /// Refuse when the task has changed since this version of it
    #[arg(long, value_name = "N")]
    version: Option<i32>,
}

#[derive(Args)]
pub struct Change {
    id: Uuid,
    /// {meta, tags, urgency, respond_by, start_at, attachments}: what is left out stays, null
    /// clears, meta is a merge patch (- reads it from standard input)
    #[arg(value_name = "JSON", value_parser = json_or_dash)]
    change: String,
    /// Refuse when the task has changed since this version of it
    #[arg(long, value_name = "N")]
    version: Option<i32>,
}

#[derive(Args)]
pub struct Withdrawal {
    id: Uuid,
    #[arg(long)]
    reason: Option<String>,
    /// Refuse when the task has changed since this version of it
    #[arg(long, value_name = "N")]
    version: Option<i32>,
}

#[derive(Args)]
pub struct Reopening {
    id: Uuid,
    #[arg(long)]
    comment: Option<String>,
    /// Refuse when the task has changed since this version of it
    #[arg(long, value_name = "N")]
    version: Option<i32>,
}

impl Decision {
    pub async fn run(self, console: &Console) -> Result<()> {
        let Decision { id, state, args, comment, version } = self;
        let args: Option<&RawValue> = args.as_deref().map(serde_json::from_str).transpose()?;
        let call = "inbox.set_task_state(
            $1, $2, args => $3, comment => $4, expected_version => $5, actor => $6, via => 'cli')";
        act(
            console,
            call,
            &[&id, &state, &args.map(Jsonb), &comment, &version, &actor()],
            &format!("\"{state}\""),
        )
        .await
    }
}

impl Change {
    pub async fn run(self, console: &Console) -> Result<()> {
        let change = given(self.change)?;
        let change: &RawValue =
            serde_json::from_str(&change).context("what is to change is no JSON")?;
        let call = "inbox.change_task($1, $2, expected_version => $3, actor => $4, via => 'cli')";
        act(console, call, &[&self.id, &Jsonb(change), &self.version, &actor()], "changed").await
    }
}

impl Withdrawal {
    pub async fn run(self, console: &Console) -> Result<()> {
        let call = "inbox.withdraw_task($1, reason => $2, expected_version => $3, actor => $4, via => 'cli')";
        act(console, call, &[&self.id, &self.reason, &self.version, &actor()], "withdrawn").await
    }
}

impl Reopening {
    pub async fn run(self, console: &Console) -> Result<()> {
        let call = "inbox.reopen_task($1, comment => $2, expected_version => $3, actor => $4, via => 'cli')";
        act(console, call, &[&self.id, &self.comment, &self.version, &actor()], "open again").await
    }
}

pub async fn undo(console: &Console, id: Uuid) -> Result<()> {
    let call = "inbox.undo_task($1, actor => $2, via => 'cli')";
    act(console, call, &[&id, &actor()], "taken back").await
}
