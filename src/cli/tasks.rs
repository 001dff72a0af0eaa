//! `task-inbox task`: post, list, show, resolve, undo.

mod found;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::actor;
use super::console::Console;
use super::input::read_text;
use super::output::printable;
use found::Found;

const URGENCIES: [&str; 4] = ["low", "normal", "high", "critical"];

#[derive(Subcommand)]
pub enum Command {
    /// Post a task; prints its id
    Post(NewTask),
    /// Tasks, newest first
    List(Filter),
    /// One task with its facts, what may be done with it and what was told of it
    Show { id: Uuid },
    /// Move a task to another state; a resolved state settles it
    Resolve(Decision),
    /// Take back what was decided on a page, while its application has not heard of it
    Undo { id: Uuid },
}

#[derive(Args)]
pub struct NewTask {
    schema: String,
    #[arg(value_name = "TYPE")]
    ttype: String,
    /// The facts, as a JSON object (- reads it from standard input)
    #[arg(long, value_name = "JSON", value_parser = json_or_dash)]
    meta: Option<String>,
    /// The pending state it begins in
    #[arg(long)]
    state: Option<String>,
    /// Your own name for it; the same name again finds the first task
    #[arg(long)]
    external_id: Option<String>,
    #[arg(long, value_parser = URGENCIES)]
    urgency: Option<String>,
    /// May be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Wait this long for somebody to settle it, then print the task
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u32>,
}

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
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=200))]
    limit: i32,
}

#[derive(Args)]
pub struct Decision {
    id: Uuid,
    state: String,
    #[arg(long)]
    comment: Option<String>,
    /// Refuse when the task has changed since this version of it
    #[arg(long, value_name = "N")]
    version: Option<i32>,
}

impl Command {
    pub async fn run(self, console: &Console) -> Result<()> {
        match self {
            Command::Post(new) => post(console, new).await,
            Command::List(filter) => list(console, filter).await,
            Command::Show { id } => Found::get(console.open().await?, id).await?.print(console),
            Command::Resolve(decision) => resolve(console, decision).await,
            Command::Undo { id } => undo(console, id).await,
        }
    }
}

async fn post(console: &Console, new: NewTask) -> Result<()> {
    let meta = match new.meta.as_deref() {
        Some("-") => Some(read_text("-")?),
        _ => new.meta,
    };
    let meta: Option<&RawValue> =
        meta.as_deref().map(serde_json::from_str).transpose().context("the facts are no JSON")?;
    let opened = console.open().await?;
    let row = opened
        .db
        .row(
            "select id, created, jsonb_build_object('id', id, 'task', task_object, 'ttype', task_object -> 'ttype')
             from inbox.post_task($1, $2, state => $3, meta => $4, external_id => $5, urgency => $6, tags => $7,
               actor => $8, via => 'cli')",
            &[
                &new.schema, &new.ttype, &new.state, &meta.map(Jsonb), &new.external_id, &new.urgency, &new.tags, &actor(),
            ],
        )
        .await?;
    let (id, created, Jsonb(task)): (Uuid, bool, Jsonb<Box<RawValue>>) =
        (row.get(0), row.get(1), row.get(2));

    eprintln!("{} {}", if created { "posted:" } else { "posted before:" }, title(&task)?);
    match new.wait {
        None => console.output.one(&task, &id.to_string()),
        Some(seconds) => {
            Found::settled(opened, id, Duration::from_secs(seconds.into())).await?.print(console)
        }
    }
}

async fn list(console: &Console, filter: Filter) -> Result<()> {
    let resolved = (filter.open || filter.resolved).then_some(filter.resolved);
    let sql = "select task_object from inbox.list_tasks(
                 schema => $1, ttype => $2, state => $3, resolved => $4, max_rows => $5, actor => $6)";
    let tasks = console
        .open()
        .await?
        .objects(
            sql,
            &[&filter.schema, &filter.ttype, &filter.state, &resolved, &filter.limit, &actor()],
        )
        .await?;
    let columns = ["id", "schema", "ttype", "state", "resolved", "urgency", "posted_at", "title"];
    console.output.list("tasks", &columns, &tasks)
}

async fn resolve(console: &Console, decision: Decision) -> Result<()> {
    let Decision { id, state, comment, version } = decision;
    let row = console
        .open()
        .await?
        .db
        .row(
            "select changed, jsonb_build_object('id', id, 'task', task_object, 'ttype', task_object -> 'ttype')
             from inbox.set_task_state($1, $2, comment => $3, expected_version => $4, actor => $5, via => 'cli')",
            &[&id, &state, &comment, &version, &actor()],
        )
        .await?;
    let (changed, Jsonb(task)): (bool, Jsonb<Box<RawValue>>) = (row.get(0), row.get(1));

    let what = if changed { "is" } else { "was already" };
    console.output.done(&task, &format!("{}: {what} \"{state}\"", title(&task)?))
}

async fn undo(console: &Console, id: Uuid) -> Result<()> {
    let sql = "select jsonb_build_object('id', id, 'task', task_object) from inbox.undo_task($1, actor => $2, via => 'cli')";
    let row = console.open().await?.db.row(sql, &[&id, &actor()]).await?;
    let Jsonb(task): Jsonb<Box<RawValue>> = row.get(0);
    console.output.done(&task, &format!("{}: taken back", title(&task)?))
}

fn title(found: &RawValue) -> Result<String> {
    let found: Value = serde_json::from_str(found.get())?;
    Ok(printable(found["task"]["title"].as_str().unwrap_or_default()).into_owned())
}

fn json_or_dash(text: &str) -> Result<String, serde_json::Error> {
    if text != "-" {
        serde_json::from_str::<serde::de::IgnoredAny>(text)?;
    }
    Ok(text.to_owned())
}
