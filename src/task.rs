//! A task as the pages show it: labels instead of names, facts as text.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::delivery::Delivery;

/// One entry of a task's meta, in the order its schema wants it read.
#[derive(Debug, Clone, Deserialize)]
pub struct Fact {
    pub name: String,
    pub label: String,
    /// text long_text number integer money date datetime url email checkbox json
    pub kind: String,
    pub preview: bool,
    /// Hidden until tapped: not everything is to be seen on a train.
    pub blur: bool,
    pub text: String,
}

/// A task in a list; `facts` are its first three.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    pub id: Uuid,
    pub title: String,
    pub type_label: String,
    pub state_label: Option<String>,
    /// positive negative neutral, once it is resolved
    pub outcome: Option<String>,
    /// low normal high critical
    pub urgency: String,
    pub version: i32,
    pub resolved: bool,
    pub posted_at: Timestamp,
    pub posted_by: Option<String>,
    pub settled_at: Option<Timestamp>,
    pub settled_by: Option<String>,
    /// decided expired withdrawn, once it is resolved
    pub resolution: Option<String>,
    /// By when an answer is wanted.
    pub respond_by: Option<Timestamp>,
    /// Nobody answered by then, or not in time.
    pub late: bool,
    pub snoozed_until: Option<Timestamp>,
    pub assignee: Option<String>,
    /// Who is at it, and until when nobody else decides.
    pub claimed_by: Option<String>,
    pub claimed_until: Option<Timestamp>,
    /// How many more posts lie behind this one.
    pub merged_count: i32,
    /// Until when the application is not told of the last decision.
    #[serde(default)]
    pub held_until: Option<Timestamp>,
    pub facts: Vec<Fact>,
}

impl Row {
    /// The end of the time in which the last decision can be taken back, while it lasts.
    pub fn held(&self, now: Timestamp) -> Option<Timestamp> {
        self.held_until.filter(|until| *until > now)
    }
}

/// A state the task may go to now.
#[derive(Debug, Clone, Deserialize)]
pub struct Move {
    pub name: String,
    pub label: String,
    /// primary plain danger
    pub style: String,
    /// no yes type
    pub confirm: String,
    /// none optional required
    pub comment: String,
    /// Its form, in order; reasons are an input too.
    pub inputs: Vec<Input>,
    /// What a reason says when nothing else is written.
    pub reason_texts: BTreeMap<String, String>,
}

impl Move {
    /// Whether it takes a page of its own: there is something to fill in, or it asks twice.
    pub fn asks(&self) -> bool {
        !self.inputs.is_empty() || self.confirm != "no"
    }
}

/// One input of a form, with what stands in it before anybody types.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    pub name: String,
    pub label: String,
    pub help: Option<String>,
    /// text long_text number integer money select checkbox date datetime url email json
    pub kind: String,
    pub required: bool,
    /// Left out, it is not absent.
    pub has_default: bool,
    pub currency: Option<String>,
    /// Of an amount.
    pub decimals: u8,
    /// Of a number or an amount; of a text the length.
    pub min: Option<String>,
    pub max: Option<String>,
    pub choices: Vec<Choice>,
    pub value: Option<String>,
}

/// A fact as an input, and where in meta it is.
#[derive(Debug, Clone, Deserialize)]
pub struct FactInput {
    #[serde(flatten)]
    pub input: Input,
    pub path: Vec<String>,
    pub blur: bool,
    /// Where in meta the currency of an amount is (RFC 6901).
    pub currency_from: Option<String>,
}

/// One of what is chosen from.
#[derive(Debug, Clone, Deserialize)]
pub struct Choice {
    /// JSON, so that a number stays one.
    pub value: String,
    pub label: String,
}

/// A line of the history.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    pub sequence: i32,
    pub at: Timestamp,
    pub kind: String,
    pub actor: String,
    pub via: String,
    pub from_label: Option<String>,
    pub to_label: Option<String>,
    pub comment: Option<String>,
    pub args: Option<Value>,
    /// What was filled in with a move.
    pub answers: Option<Vec<Answered>>,
    /// Taken back before the application heard of it.
    #[serde(default)]
    pub undone: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Answered {
    pub label: String,
    pub text: String,
}

/// A post that lies behind a task, and which facts are others in it.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    pub posted_at: Timestamp,
    pub posted_by: Option<String>,
    pub external_id: Option<String>,
    pub withdrawn: bool,
    pub differs: Vec<Fact>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Attachment {
    pub name: String,
    pub url: String,
    /// Known of uploads only.
    pub media_type: Option<String>,
    pub size: Option<i64>,
}

/// Something to see to before one decides.
#[derive(Debug, Clone, Deserialize)]
pub struct Item {
    pub name: String,
    pub label: Option<String>,
    pub required: bool,
    pub done_at: Option<Timestamp>,
    pub done_by: Option<Doer>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Doer {
    pub name: String,
}

/// Everything the page of one task shows; here `row.facts` are all of them.
#[derive(Debug, Clone, Deserialize)]
pub struct TaskPage {
    #[serde(flatten)]
    pub row: Row,
    pub schema: String,
    pub schema_version: String,
    pub ttype: String,
    pub description: Option<String>,
    pub external_id: Option<String>,
    pub tags: Vec<String>,
    /// What this person may do to it now.
    pub verbs: Vec<String>,
    /// Also while somebody else has claimed it: then it is to be taken over first.
    pub moves: Vec<Move>,
    /// The task people see in its place.
    pub merged_into: Option<Uuid>,
    pub members: Vec<Member>,
    pub attachments: Vec<Attachment>,
    pub checklist: Vec<Item>,
    /// To whom it may be given.
    pub people: Vec<String>,
    /// Whether this person may take the last decision back now.
    #[serde(default)]
    pub undo: bool,
    pub history: Vec<Step>,
    pub deliveries: Vec<Delivery>,
}

impl TaskPage {
    pub fn may(&self, verb: &str) -> bool {
        self.verbs.iter().any(|one| one == verb)
    }

    pub fn choice(&self, state: &str) -> Option<&Move> {
        self.moves.iter().find(|one| one.name == state)
    }
}

/// How many tasks of a type wait.
#[derive(Debug, Clone, Deserialize)]
pub struct TypeCount {
    pub schema: String,
    pub ttype: String,
    pub label: String,
    pub open: i64,
}

/// What a list can be narrowed to.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Choices {
    pub assignees: Vec<String>,
    /// Of the type that was chosen.
    pub states: Vec<StateChoice>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct StateChoice {
    pub name: String,
    pub label: String,
    pub resolved: bool,
}

/// What is around every page.
#[derive(Debug, Clone, Deserialize)]
pub struct Shell {
    pub open: i64,
    pub banners: Vec<String>,
    #[serde(default)]
    pub admin: bool,
}
