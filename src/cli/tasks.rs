//! `task-inbox task`: post, read, and everything that is done to a task.

mod decide;
mod found;
mod list;
mod new;
mod share;

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio_postgres::types::{Json as Jsonb, ToSql};
use uuid::Uuid;

use super::console::Console;
use super::output::printable;
use found::Found;

pub use new::NewTask;

#[derive(Subcommand)]
pub enum Command {
    /// Post a task; prints its id
    Post(new::Post),
    /// Tasks, newest first
    List(list::Filter),
    /// One task with its facts, what may be done with it and what was told of it
    Show { id: Uuid },
    /// Every step of a task: who, when, by which road
    History { id: Uuid },
    /// Move a task to another state; a resolved state settles it
    Resolve(decide::Decision),
    /// Change what is known of an open task
    Change(decide::Change),
    /// Take back a task that nobody needs to settle any more
    Withdraw(decide::Withdrawal),
    /// Open a settled task again, where its type allows it
    Reopen(decide::Reopening),
    /// Take back what was decided on a page, while its application has not heard of it
    Undo { id: Uuid },
    /// Say something about a task, also when it is settled
    Comment(share::Comment),
    /// Say that one is at it: nobody else decides it for a while
    Claim(share::Claim),
    /// Give up a claim
    Release { id: Uuid },
    /// Give a task to a person
    Assign(share::Assignment),
    /// Hide a task from everybody for a while
    Snooze(share::Snooze),
    /// Tick an item of a task's checklist
    Tick(share::Tick),
}

impl Command {
    pub async fn run(self, console: &Console) -> Result<()> {
        match self {
            Command::Post(post) => post.run(console).await,
            Command::List(filter) => filter.list(console).await,
            Command::Show { id } => Found::get(console.open().await?, id).await?.print(console),
            Command::History { id } => list::history(console, id).await,
            Command::Resolve(decision) => decision.run(console).await,
            Command::Change(change) => change.run(console).await,
            Command::Withdraw(withdrawal) => withdrawal.run(console).await,
            Command::Reopen(reopening) => reopening.run(console).await,
            Command::Undo { id } => decide::undo(console, id).await,
            Command::Comment(comment) => comment.run(console).await,
            Command::Claim(claim) => claim.run(console).await,
            Command::Release { id } => share::release(console, id).await,
            Command::Assign(assignment) => assignment.run(console).await,
            Command::Snooze(snooze) => snooze.run(console).await,
            Command::Tick(tick) => tick.run(console).await,
        }
    }
}

/// A verb: one SQL function, and in a line what came of it.
async fn act(
    console: &Console,
    call: &str,
    params: &[&(dyn ToSql + Sync)],
    words: &str,
) -> Result<()> {
    let sql = format!(
        "select changed, jsonb_build_object('id', id, 'task', task_object, 'ttype', task_object -> 'ttype') from {call}"
    );
    let row = console.open().await?.db.row(&sql, params).await?;
    let (changed, Jsonb(task)): (bool, Jsonb<Box<RawValue>>) = (row.get(0), row.get(1));
    let already = if changed { "" } else { "already " };
    console.output.done(&task, &format!("{}: {already}{words}", title(&task)?))
}

fn title(found: &RawValue) -> Result<String> {
    let found: Value = serde_json::from_str(found.get())?;
    Ok(printable(found["task"]["title"].as_str().unwrap_or_default()).into_owned())
}
