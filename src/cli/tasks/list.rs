//! Many tasks in short, page by page, and the history of one.

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use crate::cli::actor;
use crate::cli::console::{Console, Opened};

const COLUMNS: [&str; 8] =
    ["id", "schema", "ttype", "state", "resolved", "urgency", "posted_at", "title"];

#[derive(Args)]
pub struct Filter {
    #[arg(long)]
    schema: Option<String>,
    #[arg(long = "type", value_name = "TYPE")]
    ttype: Option<String>,
    #[arg(long)]
    state: Option<String>,
    /// Those that still have to be settled
    #[arg(long, conflicts_with = "resolved")]
    open: bool,
    /// Those that are settled
    #[arg(long)]
    resolved: bool,
    #[arg(long)]
    external_id: Option<String>,
    #[arg(long)]
    tag: Option<String>,
    /// Those given to this person
    #[arg(long, value_name = "NAME")]
    assignee: Option<String>,
    /// Those whose deadline has passed
    #[arg(long)]
    late: bool,
    /// Words of the title and the facts, or their beginnings
    #[arg(long, value_name = "WORDS")]
    query: Option<String>,
    /// Posted at or after this time, as 2027-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Posted before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=200))]
    limit: i32,
    /// Those after this one in the list: the last id of the page before
    #[arg(long, value_name = "ID")]
    cursor: Option<Uuid>,
    /// All of them, however many
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl Filter {
    pub async fn list(&self, console: &Console) -> Result<()> {
        let opened = console.open().await?;
        let size = if self.all { 200 } else { self.limit };
        let (mut tasks, mut after) = (Vec::new(), self.cursor);
        loop {
            let mut page = self.page(opened, after, size + 1).await?;
            let more = page.len() > size as usize;
            page.truncate(size as usize);
            after = page.last().map(|(id, _)| *id);
            tasks.extend(page.into_iter().map(|(_, task)| task));
            match after.filter(|_| more) {
                Some(_) if self.all => {}
                Some(last) => {
                    console.output.list("tasks", &COLUMNS, &tasks)?;
                    eprintln!("there are more: --cursor {last}");
                    return Ok(());
                }
                None => return console.output.list("tasks", &COLUMNS, &tasks),
            }
        }
    }

    async fn page(
        &self,
        opened: &Opened,
        after: Option<Uuid>,
        rows: i32,
    ) -> Result<Vec<(Uuid, Box<RawValue>)>> {
        let resolved = (self.open || self.resolved).then_some(self.resolved);
        let late = self.late.then_some(true);
        let rows = opened
            .db
            .rows(
                "select id, task_object from inbox.list_tasks(
                   $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                   before_at => case when $12::uuid is not null
                     then (inbox.get_task($12, $14) #>> '{task,posted_at}')::timestamptz end,
                   before_id => $12, max_rows => $13, actor => $14)",
                &[
                    &self.schema,
                    &self.ttype,
                    &self.state,
                    &resolved,
                    &self.external_id,
                    &self.tag,
                    &self.assignee,
                    &late,
                    &self.query,
                    &self.since,
                    &self.until,
                    &after,
                    &rows,
                    &actor(),
                ],
            )
            .await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get::<_, Jsonb<_>>(1).0)).collect())
    }
}

/// A step's id is its number.
pub async fn history(console: &Console, id: Uuid) -> Result<()> {
    let sql =
        "select jsonb_build_object('id', sequence) || step_object from inbox.task_history($1, $2)";
    let steps = console.open().await?.objects(sql, &[&id, &actor()]).await?;
    let columns = ["id", "at", "kind", "actor", "via", "from", "to", "args", "comment"];
    console.output.list("steps", &columns, &steps)
}
