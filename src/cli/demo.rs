//! `task-inbox demo`: believable tasks of a made-up shop.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::console::{Console, Opened};
use crate::api::load_schema;
use crate::error::Error;

const SCHEMA: &str = include_str!("../../schemas/demo.yml");
const TASKS: &str = include_str!("../../schemas/demo-tasks.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoTask {
    external_id: String,
    ttype: String,
    meta: Box<RawValue>,
    urgency: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    /// What was decided already, step by step.
    #[serde(default)]
    decided: Vec<Decided>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    state: String,
    by: String,
    comment: Option<String>,
}

/// Adds nothing when it was run before: the tasks are known by their external ids.
pub async fn fill(console: &Console) -> Result<()> {
    let tasks: Vec<DemoTask> =
        serde_json::from_str(TASKS).context("reading the tasks of the demo")?;
    let opened = console.open().await?;
    let schema = load_schema(&opened.db, SCHEMA, &actor("demo shop")).await?;

    let mut added = 0;
    for task in &tasks {
        if let Some(id) = post(opened, &schema.name, task).await? {
            added += 1;
            decide(opened, id, &task.decided).await?;
        }
    }
    let words = match added {
        0 => format!(
            "the demo is there already: {} tasks of schema \"{}\"",
            tasks.len(),
            schema.name
        ),
        _ => format!("{added} tasks of schema \"{}\" added", schema.name),
    };
    console
        .output
        .done(&json!({"schema": schema.name, "added": added, "tasks": tasks.len()}), &words)
}

/// The id of a new task; None when it was there.
async fn post(opened: &Opened, schema: &str, task: &DemoTask) -> Result<Option<Uuid>> {
    let posted = opened
        .db
        .row(
            "select id, created from inbox.post_task($1, $2, meta => $3, external_id => $4, urgency => $5, tags => $6,
               actor => $7, via => 'cli')",
            &[
                &schema, &task.ttype, &Jsonb(&task.meta), &task.external_id, &task.urgency, &task.tags,
                &actor("demo shop"),
            ],
        )
        .await;
    match posted {
        Ok(row) => Ok(row.get::<_, bool>(1).then(|| row.get(0))),
        // An older version of the demo posted it with other facts.
        Err(Error::Client(problem)) if problem.code == "external_id_used" => Ok(None),
        Err(error) => Err(error).with_context(|| format!("posting \"{}\"", task.external_id)),
    }
}

async fn decide(opened: &Opened, id: Uuid, steps: &[Decided]) -> Result<()> {
    for Decided { state, by, comment } in steps {
        let sql = "select inbox.set_task_state($1, $2, comment => $3, actor => $4, via => 'cli')";
        opened.db.run(sql, &[&id, state, comment, &actor(by)]).await?;
    }
    Ok(())
}

fn actor(name: &str) -> Value {
    json!({"kind": "sql", "id": "demo", "name": name})
}
