//! One task with all there is to know of it, looked at once or until it is settled.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep};
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use crate::cli::actor;
use crate::cli::console::{Console, Opened};
use crate::cli::output::{pairs, printable};

pub struct Found {
    object: Box<RawValue>,
    /// The facts, laid out by SQL: parsed here, long numbers would be rounded.
    facts: String,
    resolved: bool,
}

impl Found {
    pub async fn get(opened: &Opened, id: Uuid) -> Result<Found> {
        let sql = "select jsonb_build_object('id', $1::uuid) || found, jsonb_pretty(found #> '{task,meta}'),
                     (found #>> '{task,resolved}')::boolean
                   from inbox.get_task($1, $2) found";
        let row = opened.db.row(sql, &[&id, &actor()]).await?;
        let Jsonb(object) = row.get(0);
        Ok(Found { object, facts: row.get(1), resolved: row.get(2) })
    }

    /// The task when it is settled, or as it is when the time is up.
    pub async fn settled(opened: &Opened, id: Uuid, time: Duration) -> Result<Found> {
        let deadline = Instant::now() + time;
        loop {
            let found = Found::get(opened, id).await?;
            let left = deadline.saturating_duration_since(Instant::now());
            if found.resolved || left.is_zero() {
                return Ok(found);
            }
            sleep(left.min(Duration::from_millis(300))).await;
        }
    }

    pub fn print(&self, console: &Console) -> Result<()> {
        console.output.one(&self.object, &self.text()?)
    }

    fn text(&self) -> Result<String> {
        let found: Value = serde_json::from_str(self.object.get())?;
        let (task, every) =
            (&found["task"], |list: &'static str| found[list].as_array().into_iter().flatten());
        let moves = every("allowed_states").map(|state| state["name"].clone()).collect();
        let mut lines = pairs(&[
            ("id", &task["id"]),
            ("title", &task["title"]),
            ("schema", &task["schema"]),
            ("type", &task["ttype"]),
            ("state", &task["state"]),
            ("resolved", &task["resolved"]),
            ("version", &task["version"]),
            ("urgency", &task["urgency"]),
            ("tags", &task["tags"]),
            ("external id", &task["external_id"]),
            ("posted", &task["posted_at"]),
            ("posted by", &task["posted_by"]["name"]),
            ("settled", &task["resolved_at"]),
            ("settled by", &task["resolved_by"]["name"]),
            ("may become", &Value::Array(moves)),
            ("url", &task["url"]),
        ]);
        lines.push_str(&format!("\nmeta  {}", printable(&self.facts)));
        for delivery in every("deliveries") {
            let parts = ["type", "state", "reason", "error"]
                .map(|part| delivery[part].as_str().unwrap_or_default());
            lines.push_str(&format!("\nwebhook  {}", printable(parts.join(" ").trim_end())));
        }
        Ok(lines)
    }
}
