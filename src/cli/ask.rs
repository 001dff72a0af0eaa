//! `task-inbox ask`: a question to people, for shell scripts, CI and agents.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::actor;
use super::console::{Console, Opened};
use super::input::patience;
use super::output::{pairs, printable, reader_has_gone};
use super::tasks::NewTask;
use super::wait::until_settled;

pub const CODES: &str = "\
Exit codes: 0 a positive answer, or any when the type declares no outcomes; 10 negative; 11 neutral;
12 expired; 13 withdrawn; 14 still open when --wait ended; 1 failed; 2 wrong usage.
^C leaves the task open. The same command with the same --external-id (for ever) or
--idempotency-key (24 hours) goes on waiting for the same task.";

#[derive(Args)]
pub struct Ask {
    #[command(flatten)]
    new: NewTask,
    /// At most this long, as in 600 or 4h; without it until the task is settled
    #[arg(long, value_name = "TIME", value_parser = patience)]
    wait: Option<Duration>,
}

impl Ask {
    pub async fn run(self, console: &Console) -> Result<ExitCode> {
        let opened = console.open().await?;
        let posted = self.new.post(opened).await?;
        eprintln!("{} {} ({})", posted.how(), printable(&posted.title), posted.id);
        console.leave(format!(": the task stays open, {}", posted.id));

        let answer = await_answer(opened, posted.id, self.wait).await?;
        match console.output.one(&answer.object, &answer.text()?) {
            // Nobody reads it, but the code is an answer too.
            Err(error) if reader_has_gone(&error) => {}
            printed => printed?,
        }
        Ok(answer.code())
    }
}

async fn await_answer(opened: &Opened, id: Uuid, time: Option<Duration>) -> Result<Answer> {
    let deadline = time.map(|time| Instant::now() + time);
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        until_settled(opened, id, left).await;
        let answer = Answer::read(opened, id).await?;
        // It may have been opened again just then.
        if answer.said.resolution.is_some() || left.is_some_and(|left| left.is_zero()) {
            return Ok(answer);
        }
    }
}

struct Answer {
    object: Box<RawValue>,
    said: Said,
}

/// As `answer_to.sql` gives it.
#[derive(Deserialize)]
struct Said {
    id: Uuid,
    state: Option<String>,
    /// decided expired withdrawn; None: it is open.
    resolution: Option<String>,
    /// None: the type declares none.
    outcome: Option<String>,
    args: Option<Box<RawValue>>,
    comment: Option<String>,
    actor: Option<Value>,
}

impl Answer {
    async fn read(opened: &Opened, id: Uuid) -> Result<Answer> {
        let row =
            opened.db.row("select inbox_internal.answer_to($1, $2)", &[&id, &actor()]).await?;
        let Jsonb(object): Jsonb<Box<RawValue>> = row.get(0);
        let said = serde_json::from_str(object.get()).context("reading what answer_to gave")?;
        Ok(Answer { object, said })
    }

    fn code(&self) -> ExitCode {
        match (self.said.resolution.as_deref(), self.said.outcome.as_deref()) {
            (None, _) => 14,
            (Some("withdrawn"), _) => 13,
            (Some("expired"), _) => 12,
            (Some("decided"), Some("positive") | None) => 0,
            (Some("decided"), Some("negative")) => 10,
            (Some("decided"), Some("neutral")) => 11,
            // No yes, whatever it is.
            _ => 1,
        }
        .into()
    }

    fn text(&self) -> Result<String> {
        let Said { id, state, resolution, args, comment, actor, .. } = &self.said;
        let resolution = resolution.as_deref().unwrap_or("still open");
        // As SQL wrote them: parsed here, long numbers would be rounded.
        let args = args.as_deref().map(RawValue::get);
        Ok(pairs(&[
            ("state", &state.as_deref().into()),
            ("how", &resolution.into()),
            ("by", &actor.as_ref().map_or(Value::Null, |actor| actor["name"].clone())),
            ("comment", &comment.as_deref().into()),
            ("args", &args.into()),
            ("task", &id.to_string().into()),
        ]))
    }
}
