//! `task-inbox endpoint`: where webhooks go.

use anyhow::{Result, ensure};
use clap::Subcommand;
use serde_json::Value;

use super::actor;
use super::console::Console;
use crate::worker::{self, Ping};

#[derive(Subcommand)]
pub enum Command {
    /// Every endpoint with what keeps webhooks from it
    List,
    /// Send what it is owed, the oldest first
    Enable { id: i32 },
    /// Send a webhook.ping now and say what came of it
    Ping { id: i32 },
    /// Send nothing to it for now; what it is owed is kept
    Pause { id: i32 },
}

impl Command {
    pub async fn run(self, console: &Console) -> Result<()> {
        match self {
            Command::List => {
                let endpoints = console
                    .open()
                    .await?
                    .objects(
                        "select endpoint_object from inbox_internal.list_endpoints($1)",
                        &[&actor()],
                    )
                    .await?;
                let columns = [
                    "id",
                    "schema",
                    "task_type",
                    "url",
                    "state",
                    "reason",
                    "owed",
                    "failed",
                    "oldest_owed",
                ];
                console.output.list("endpoints", &columns, &endpoints)
            }
            Command::Enable { id } => change(console, id, "enabled").await,
            Command::Ping { id } => ping(console, id).await,
            Command::Pause { id } => change(console, id, "paused").await,
        }
    }
}

async fn change(console: &Console, id: i32, state: &str) -> Result<()> {
    let sql = "select inbox_internal.change_endpoint($1, $2, $3)";
    let row = console.open().await?.db.row(sql, &[&actor(), &id, &state]).await?;
    console.output.done(&row.get::<_, Value>(0), &format!("endpoint {id} is {state}"))
}

async fn ping(console: &Console, id: i32) -> Result<()> {
    let opened = console.open().await?;
    let ping = worker::ping(&opened.db, &opened.sealer()?, &opened.sender(), &actor(), id).await?;
    console.output.done(&ping, &in_words(&ping))?;
    ensure!(ping.accepted, "endpoint {id} did not accept the ping");
    Ok(())
}

pub fn in_words(ping: &Ping) -> String {
    let words = match (&ping.status, &ping.error) {
        (_, Some(error)) => error.clone(),
        (Some(status), None) => format!("accepted with {status}"),
        (None, None) => "accepted".to_owned(),
    };
    format!("{words}, after {} ms", ping.milliseconds)
}
