//! Webhooks as the pages show them: who they go to, what is owed, every try.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

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

/// A delivery in the list of all tasks.
#[derive(Debug, Clone, Deserialize)]
pub struct Listed {
    #[serde(flatten)]
    pub delivery: Delivery,
    pub task_id: Uuid,
    pub task_title: String,
    pub schema: String,
    pub endpoint_id: i32,
    pub url: Option<String>,
}

/// Everything the page of one delivery shows.
#[derive(Debug, Clone, Deserialize)]
pub struct DeliveryPage {
    #[serde(flatten)]
    pub listed: Listed,
    pub webhook_id: String,
    /// None once it was deleted; then it cannot be sent again.
    pub body: Option<String>,
    pub tries: Vec<Try>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Try {
    pub claim_no: i32,
    /// auto manual
    pub trigger: String,
    pub started_at: Timestamp,
    pub milliseconds: Option<i64>,
    pub status: Option<i32>,
    pub error: Option<String>,
    pub remote_address: Option<String>,
    /// What the receiver answered: anything at all.
    pub response: Option<String>,
}

/// Where the webhooks of a schema, or of one of its types, go.
#[derive(Debug, Clone, Deserialize)]
pub struct Endpoint {
    pub id: i32,
    pub schema: String,
    pub task_type: Option<String>,
    pub url: Option<String>,
    /// enabled open paused disabled
    pub state: String,
    /// What it waits for.
    pub reason: Option<String>,
    /// Whether nothing of ours is in the way.
    pub sendable: bool,
    pub open_until: Option<Timestamp>,
    pub failing_since: Option<Timestamp>,
    pub failures: i32,
    pub quiet_until: Option<Timestamp>,
    pub owed: i64,
    pub failed: i64,
    pub oldest_owed: Option<Timestamp>,
    pub has_secret: bool,
    pub old_secret_until: Option<Timestamp>,
}

/// Many deliveries that somebody has sent again.
#[derive(Debug, Clone, Deserialize)]
pub struct Replay {
    pub id: i64,
    pub asked_at: Timestamp,
    pub asked_by: String,
    pub done: i64,
    pub finished_at: Option<Timestamp>,
}
