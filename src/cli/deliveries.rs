//! `task-inbox delivery`: the webhooks that were sent or are owed.

use anyhow::Result;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::actor;
use super::console::Console;
use super::output::pairs;

const STATES: [&str; 9] =
    ["owed", "held", "parked", "blocked", "paused", "leased", "delivered", "failed", "void"];

const COLUMNS: [&str; 10] = [
    "id",
    "type",
    "schema",
    "state",
    "attempts",
    "created_at",
    "due_at",
    "settled_at",
    "reason",
    "error",
];

#[derive(Subcommand)]
pub enum Command {
    /// The newest deliveries
    List(Filter),
    /// One delivery with its body and every attempt
    Show { id: i64 },
    /// Send one now, whatever the schedule says
    Retry { id: i64 },
    /// Send again all that failed, or all that were delivered
    Replay(Replay),
}

#[derive(Args)]
pub struct Filter {
    #[arg(long, value_parser = STATES)]
    state: Option<String>,
    #[arg(long)]
    schema: Option<String>,
    /// The number of an endpoint, as `task-inbox endpoint list` shows it
    #[arg(long)]
    endpoint: Option<i32>,
    #[arg(long)]
    task: Option<Uuid>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=10_000))]
    limit: i32,
}

#[derive(Args)]
pub struct Replay {
    #[arg(long, value_parser = ["failed", "delivered"], default_value = "failed")]
    state: String,
    #[arg(long)]
    schema: Option<String>,
    #[arg(long)]
    endpoint: Option<i32>,
    /// Made at or after this time, as 2027-01-31T12:00:00Z
    #[arg(long)]
    since: Option<Timestamp>,
    /// Made before this time
    #[arg(long)]
    until: Option<Timestamp>,
}

impl Command {
    pub async fn run(self, console: &Console) -> Result<()> {
        match self {
            Command::List(filter) => filter.list(console).await,
            Command::Show { id } => {
                one(console, "select inbox_internal.get_delivery($1, $2)", id).await
            }
            Command::Retry { id } => {
                one(console, "select inbox_internal.retry_delivery($1, $2)", id).await
            }
            Command::Replay(replay) => replay.ask(console).await,
        }
    }
}

async fn one(console: &Console, sql: &str, id: i64) -> Result<()> {
    let row = console.open().await?.db.row(sql, &[&actor(), &id]).await?;
    let delivery: Value = row.get(0);
    let mut told: Vec<(&str, &Value)> =
        COLUMNS.iter().map(|column| (*column, &delivery[*column])).collect();
    for name in ["task_id", "task_title", "url", "webhook_id", "body"] {
        if let Some(value) = delivery.get(name) {
            told.push((name, value));
        }
    }
    for attempt in delivery["tries"].as_array().into_iter().flatten() {
        told.push(("attempt", attempt));
    }
    console.output.one(&delivery, &pairs(&told))
}

impl Filter {
    async fn list(&self, console: &Console) -> Result<()> {
        let deliveries = console
            .open()
            .await?
            .objects(
                "select delivery_object
                 from inbox_internal.list_deliveries($1, $2, $3, $4, $5, null, null, null, $6)",
                &[&actor(), &self.state, &self.schema, &self.endpoint, &self.task, &self.limit],
            )
            .await?;
        console.output.list("deliveries", &COLUMNS, &deliveries)
    }
}

impl Replay {
    async fn ask(&self, console: &Console) -> Result<()> {
        let row = console
            .open()
            .await?
            .db
            .row(
                "select inbox_internal.replay_deliveries($1, $2, $3, $4, $5, $6)",
                &[&actor(), &self.state, &self.schema, &self.endpoint, &self.since, &self.until],
            )
            .await?;
        let asked: Value = row.get(0);
        let words =
            format!("{} deliveries are owed again, as soon as a server runs", asked["matching"]);
        console.output.done(&asked, &words)
    }
}
