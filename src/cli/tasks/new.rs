//! Posting a task, and waiting for what comes of it.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::found::Found;
use super::title;
use crate::cli::actor;
use crate::cli::console::{Console, Opened};
use crate::cli::input::{given, json, json_or_dash, patience};
use crate::cli::wait::until_settled;

const URGENCIES: [&str; 4] = ["low", "normal", "high", "critical"];

#[derive(Args)]
pub struct Post {
    #[command(flatten)]
    new: NewTask,
    /// Wait this long for somebody to settle it, as in 600 or 4h, then print the task
    #[arg(long, value_name = "TIME", value_parser = patience)]
    wait: Option<Duration>,
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
    /// The same post again within 24 hours finds the first task
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Open tasks with the same key are shown to people as one
    #[arg(long, value_name = "KEY")]
    merge_key: Option<String>,
    #[arg(long, value_parser = URGENCIES)]
    urgency: Option<String>,
    /// May be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// By when an answer is wanted, as 2027-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "respond_within")]
    respond_by: Option<Timestamp>,
    /// The same from now on, as 90s, 15m, 4h or 7d
    #[arg(long, value_name = "DURATION")]
    respond_within: Option<String>,
    /// Nobody is shown it before
    #[arg(long, value_name = "TIME")]
    start_at: Option<Timestamp>,
    /// Your own JSON, which comes back with every webhook
    #[arg(long, value_name = "JSON", value_parser = json)]
    context: Option<String>,
    /// A file that lies elsewhere; may be repeated
    #[arg(long = "attachment", value_name = "URL")]
    attachments: Vec<String>,
}

pub struct Posted {
    pub id: Uuid,
    pub title: String,
    created: bool,
    task: Box<RawValue>,
}

impl Posted {
    pub fn how(&self) -> &'static str {
        if self.created { "posted:" } else { "posted before:" }
    }
}

impl NewTask {
    pub async fn post(self, opened: &Opened) -> Result<Posted> {
        let meta = self.meta.map(given).transpose()?;
        let meta: Option<&RawValue> = meta
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .context("the facts are no JSON")?;
        let context: Option<&RawValue> =
            self.context.as_deref().map(serde_json::from_str).transpose()?;
        let attachments: Vec<Value> =
            self.attachments.iter().map(|url| json!({"url": url})).collect();
        let attachments = (!attachments.is_empty()).then_some(Jsonb(attachments));
        let row = opened
            .db
            .row(
                "select id, created, jsonb_build_object('id', id, 'task', task_object, 'ttype', task_object -> 'ttype')
                 from inbox.post_task($1, $2, state => $3, meta => $4, external_id => $5, urgency => $6, tags => $7,
                   context => $8, merge_key => $9, respond_by => $10, respond_within => $11, start_at => $12,
                   attachments => $13, idempotency_key => $14, actor => $15, via => 'cli')",
                &[
                    &self.schema,
                    &self.ttype,
                    &self.state,
                    &meta.map(Jsonb),
                    &self.external_id,
                    &self.urgency,
                    &self.tags,
                    &context.map(Jsonb),
                    &self.merge_key,
                    &self.respond_by,
                    &self.respond_within,
                    &self.start_at,
                    &attachments,
                    &self.idempotency_key,
                    &actor(),
                ],
            )
            .await?;
        let Jsonb(task): Jsonb<Box<RawValue>> = row.get(2);
        Ok(Posted { id: row.get(0), title: title(&task)?, created: row.get(1), task })
    }
}

impl Post {
    pub async fn run(self, console: &Console) -> Result<()> {
        let opened = console.open().await?;
        let posted = self.new.post(opened).await?;
        eprintln!("{} {}", posted.how(), posted.title);
        if self.wait.is_none() {
            return console.output.one(&posted.task, &posted.id.to_string());
        }
        console.leave(format!(": the task stays open, {}", posted.id));
        until_settled(opened, posted.id, self.wait).await;
        Found::get(opened, posted.id).await?.print(console)
    }
}
