//! `task-inbox audit`: who did what that matters for security.

use anyhow::Result;
use clap::Subcommand;
use jiff::Timestamp;

use super::console::Console;

const COLUMNS: [&str; 7] = ["id", "at", "actor", "action", "target", "detail", "address"];

#[derive(Subcommand)]
pub enum Command {
    /// The newest entries
    List {
        /// Only those, as signed_in
        #[arg(long)]
        action: Option<String>,
        /// At or after this time, as 2027-01-31T12:00:00Z
        #[arg(long)]
        since: Option<Timestamp>,
        /// How many at most
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=10_000))]
        limit: i32,
    },
}

impl Command {
    pub async fn run(self, console: &Console) -> Result<()> {
        let Command::List { action, since, limit } = self;
        let sql = "select audit_object from inbox_internal.list_audit($1, $2, null, $3)";
        let entries = console.open().await?.objects(sql, &[&action, &since, &limit]).await?;
        console.output.list("entries", &COLUMNS, &entries)
    }
}
