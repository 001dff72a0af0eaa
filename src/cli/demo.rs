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
    merge_key: Option<String>,
    respond_within: Option<String>,
    /// To the first who may decide it; there may be nobody yet.
    #[serde(default)]
    assigned: bool,
    #[serde(default)]
    comments: Vec<Comment>,
    #[serde(default)]
    ticked: Vec<String>,
    /// What was decided already, step by step.
    #[serde(default)]
    decided: Vec<Decided>,
    claimed_by: Option<String>,
    /// For how long.
    snoozed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Comment {
    by: String,
    text: String,
    #[serde(default)]
    internal: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    state: String,
    by: String,
    args: Option<Box<RawValue>>,
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
            live(opened, id, task)
                .await
                .with_context(|| format!("the life of \"{}\"", task.external_id))?;
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
               merge_key => $7, respond_within => $8, actor => $9, via => 'cli')",
            &[
                &schema, &task.ttype, &Jsonb(&task.meta), &task.external_id, &task.urgency, &task.tags,
                &task.merge_key, &task.respond_within, &actor("demo shop"),
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

/// What happened to a task since it was posted.
async fn live(opened: &Opened, id: Uuid, task: &DemoTask) -> Result<()> {
    let db = &opened.db;
    if task.assigned {
        let sql = "select inbox.assign_task($1, (
                     select person_object ->> 'name' from inbox_internal.list_people()
                     where person_object ->> 'role' <> 'viewer' and person_object ->> 'disabled_at' is null
                       and person_object ->> 'schemas' is null
                     limit 1), actor => $2, via => 'cli')";
        db.run(sql, &[&id, &actor("Ana")]).await?;
    }
    for Comment { by, text, internal } in &task.comments {
        let sql = "select inbox.add_comment($1, $2, internal => $3, actor => $4, via => 'cli')";
        db.run(sql, &[&id, text, internal, &actor(by)]).await?;
    }
    for item in &task.ticked {
        let sql = "select inbox.tick_item($1, $2, actor => $3, via => 'cli')";
        db.run(sql, &[&id, item, &actor("Ana")]).await?;
    }
    for Decided { state, by, args, comment } in &task.decided {
        let sql = "select inbox.set_task_state($1, $2, args => $3, comment => $4, actor => $5, via => 'cli')";
        let args = args.as_ref().map(Jsonb);
        db.run(sql, &[&id, state, &args, comment, &actor(by)]).await?;
    }
    if let Some(by) = &task.claimed_by {
        let sql = "select inbox.claim_task($1, actor => $2, via => 'cli')";
        db.run(sql, &[&id, &actor(by)]).await?;
    }
    if let Some(time) = &task.snoozed {
        let sql = "select inbox.snooze_task(
                     $1, now() + inbox_internal.duration_given($2, 'until'), actor => $3, via => 'cli')";
        db.run(sql, &[&id, time, &actor("Bob")]).await?;
    }
    Ok(())
}

fn actor(name: &str) -> Value {
    json!({"kind": "sql", "id": "demo", "name": name})
}
