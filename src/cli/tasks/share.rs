//! How people share the work: comment, claim, release, assign, snooze, tick.

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use uuid::Uuid;

use super::act;
use crate::cli::actor;
use crate::cli::console::Console;
use crate::cli::input::{given, span};

#[derive(Args)]
pub struct Comment {
    id: Uuid,
    /// What there is to say (- reads it from standard input)
    text: String,
    /// For people only: its application does not hear of it
    #[arg(long)]
    internal: bool,
}

#[derive(Args)]
pub struct Claim {
    id: Uuid,
    /// Also from somebody who has claimed it
    #[arg(long)]
    take: bool,
}

#[derive(Args)]
pub struct Assignment {
    id: Uuid,
    /// A person's name
    #[arg(value_name = "NAME", required_unless_present = "nobody")]
    to: Option<String>,
    /// Take it from whom it was given to
    #[arg(long, conflicts_with = "to")]
    nobody: bool,
}

#[derive(Args)]
pub struct Snooze {
    id: Uuid,
    /// At most 30 days away: a time, or from now on as 90s, 15m, 4h or 7d
    #[arg(required_unless_present = "wake", value_parser = moment)]
    until: Option<Moment>,
    /// Show it again now
    #[arg(long, conflicts_with = "until")]
    wake: bool,
}

#[derive(Args)]
pub struct Tick {
    id: Uuid,
    item: String,
    /// Take the tick away again
    #[arg(long)]
    undo: bool,
}

/// The clock that counts is that of the database.
#[derive(Clone)]
enum Moment {
    At(Timestamp),
    In(String),
}

fn moment(text: &str) -> Result<Moment, String> {
    match text.parse() {
        Ok(at) => Ok(Moment::At(at)),
        Err(_) if span(text).is_some() => Ok(Moment::In(text.to_owned())),
        Err(_) => Err("give a time as 2027-01-31T12:00:00Z, or 90s, 15m, 4h, 7d".to_owned()),
    }
}

impl Comment {
    pub async fn run(self, console: &Console) -> Result<()> {
        let text = given(self.text)?;
        let call = "inbox.add_comment($1, $2, internal => $3, actor => $4, via => 'cli')";
        act(console, call, &[&self.id, &text, &self.internal, &actor()], "commented").await
    }
}

impl Claim {
    pub async fn run(self, console: &Console) -> Result<()> {
        let call = "inbox.claim_task($1, take => $2, actor => $3, via => 'cli')";
        act(console, call, &[&self.id, &self.take, &actor()], "claimed").await
    }
}

pub async fn release(console: &Console, id: Uuid) -> Result<()> {
    let call = "inbox.release_task($1, actor => $2, via => 'cli')";
    act(console, call, &[&id, &actor()], "released").await
}

impl Assignment {
    pub async fn run(self, console: &Console) -> Result<()> {
        let call = "inbox.assign_task($1, $2, actor => $3, via => 'cli')";
        let words = format!("given to {}", self.to.as_deref().unwrap_or("nobody"));
        act(console, call, &[&self.id, &self.to, &actor()], &words).await
    }
}

impl Snooze {
    pub async fn run(self, console: &Console) -> Result<()> {
        let (at, after) = match self.until {
            Some(Moment::At(at)) => (Some(at), None),
            Some(Moment::In(after)) => (None, Some(after)),
            None => (None, None),
        };
        let call = "inbox.snooze_task(
            $1, coalesce($2, now() + inbox_internal.duration_given($3, 'until')), actor => $4, via => 'cli')";
        let words = if self.wake { "awake" } else { "snoozed" };
        act(console, call, &[&self.id, &at, &after, &actor()], words).await
    }
}

impl Tick {
    pub async fn run(self, console: &Console) -> Result<()> {
        let call = "inbox.tick_item($1, $2, done => $3, actor => $4, via => 'cli')";
        let words = format!("\"{}\" {}", self.item, if self.undo { "not done" } else { "done" });
        act(console, call, &[&self.id, &self.item, &!self.undo, &actor()], &words).await
    }
}
