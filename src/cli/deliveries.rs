//! `task-inbox delivery`: the webhooks that were sent or are owed.

use anyhow::Result;
use clap::Subcommand;

use super::console::Console;

const STATES: [&str; 8] =
    ["owed", "parked", "blocked", "paused", "leased", "delivered", "failed", "void"];

#[derive(Subcommand)]
pub enum Command {
    /// The newest deliveries
    List {
        #[arg(long, value_parser = STATES)]
        state: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=10_000))]
        limit: i32,
    },
}

impl Command {
    pub async fn run(self, console: &Console) -> Result<()> {
        let Command::List { state, limit } = self;
        let deliveries = console
            .open()
            .await?
            .objects(
                "select delivery_object from inbox_internal.list_deliveries($1, $2)",
                &[&state, &limit],
            )
            .await?;
        let columns = [
            "id",
            "type",
            "schema_name",
            "state",
            "attempts",
            "created_at",
            "due_at",
            "settled_at",
            "last_status",
            "reason",
            "last_error",
        ];
        console.output.list("deliveries", &columns, &deliveries)
    }
}
