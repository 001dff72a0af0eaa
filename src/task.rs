//! A task as the pages show it: labels instead of names, facts as text.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

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
    pub facts: Vec<Fact>,
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
}

/// What the application was told, or is still owed.
#[derive(Debug, Clone, Deserialize)]
pub struct Delivery {
    pub id: i64,
    #[serde(rename = "type")]
    pub kind: String,
    pub sequence: i32,
    /// owed parked held blocked paused leased delivered failed void
    pub state: String,
    pub reason: Option<String>,
    pub attempts: i32,
    pub due_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// The last HTTP status.
    pub status: Option<i32>,
    pub error: Option<String>,
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
}
