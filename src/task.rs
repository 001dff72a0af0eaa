//! A task as the pages show it: labels instead of names, facts as text.

use jiff::Timestamp;
use serde::Deserialize;
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
    pub outcome: Option<String>,
    /// primary plain danger
    pub style: String,
    /// no yes type
    pub confirm: String,
    /// none optional required
    pub comment: String,
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
    /// Taken back before the application heard of it.
    #[serde(default)]
    pub undone: bool,
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
    pub moves: Vec<Move>,
    /// Whether this person may take the last decision back now.
    #[serde(default)]
    pub undo: bool,
    pub history: Vec<Step>,
    pub deliveries: Vec<Delivery>,
}

/// How many tasks of a type wait.
#[derive(Debug, Clone, Deserialize)]
pub struct TypeCount {
    pub schema: String,
    pub ttype: String,
    pub label: String,
    pub open: i64,
}

/// What is around every page.
#[derive(Debug, Clone, Deserialize)]
pub struct Shell {
    pub open: i64,
    pub banners: Vec<String>,
    #[serde(default)]
    pub admin: bool,
}
