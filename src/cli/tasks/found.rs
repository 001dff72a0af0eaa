//! One task with all there is to know of it.

use anyhow::Result;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use crate::cli::actor;
use crate::cli::console::{Console, Opened};
use crate::cli::output::{pairs, printable};

pub struct Found {
    object: Box<RawValue>,
    /// The facts, laid out by SQL: parsed here, long numbers would be rounded.
    facts: String,
}

impl Found {
    pub async fn get(opened: &Opened, id: Uuid) -> Result<Found> {
        let sql = "select jsonb_build_object('id', $1::uuid) || found, jsonb_pretty(found #> '{task,meta}')
                   from inbox.get_task($1, $2) found";
        let row = opened.db.row(sql, &[&id, &actor()]).await?;
        let Jsonb(object) = row.get(0);
        Ok(Found { object, facts: row.get(1) })
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
        for (name, value) in asides(task) {
            lines.push_str(&format!("\n{}", pairs(&[(name, value)])));
        }
        lines.push_str(&format!("\nmeta  {}", printable(&self.facts)));
        for item in task["checklist"].as_array().into_iter().flatten() {
            let mark = if item["done_at"].is_null() { "to do" } else { "done" };
            let name = item["name"].as_str().unwrap_or_default();
            lines.push_str(&format!("\n{mark}  {}", printable(name)));
        }
        for delivery in every("deliveries") {
            let parts = ["type", "state", "reason", "error"]
                .map(|part| delivery[part].as_str().unwrap_or_default());
            lines.push_str(&format!("\nwebhook  {}", printable(parts.join(" ").trim_end())));
        }
        Ok(lines)
    }
}

/// What few tasks have; of the others it is not said.
fn asides(task: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    [
        ("starts", "start_at"),
        ("respond by", "respond_by"),
        ("late", "late"),
        ("snoozed until", "snoozed_until"),
        ("given to", "assignee"),
        ("claimed by", "claimed_by"),
        ("claimed until", "claimed_until"),
        ("resolution", "resolution"),
        ("held until", "held_until"),
        ("merge key", "merge_key"),
        ("merged into", "merged_into"),
        ("merged", "merged_count"),
    ]
    .into_iter()
    .map(|(name, member)| (name, &task[member]))
    .filter(|(_, value)| !value.is_null() && **value != false && **value != 0)
}
