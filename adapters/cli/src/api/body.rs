//! What of answers is shown to people. Programs get them as the server writes them.

use serde::Deserialize;

/// A stored message.
#[derive(Debug, Clone, Deserialize)]
#[expect(clippy::struct_field_names, reason = "they are the API's")]
pub struct Message {
    pub message_id: String,
    pub from_msisdn: String,
    pub to_msisdn: String,
    pub ts: String,
    pub text: Option<String>,
    pub created_at: String,
    /// Absent: `default`.
    pub source: Option<String>,
}

impl Message {
    /// The source's name.
    pub fn source(&self) -> &str {
        self.source.as_deref().unwrap_or("default")
    }
}

/// A message, and what else came under its id.
#[derive(Debug, Deserialize)]
pub struct MessageDetail {
    #[serde(flatten)]
    pub message: Message,
    pub verified_by: Option<String>,
    pub content_sha256: String,
    pub duplicates: Duplicates,
    pub conflicts: Vec<Conflict>,
    pub deliveries: Vec<Delivery>,
}

#[derive(Debug, Deserialize)]
pub struct Duplicates {
    pub count: u64,
    pub last_seen_at: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Conflict {
    pub from_msisdn: String,
    pub to_msisdn: String,
    pub ts: String,
    pub text: Option<String>,
    pub first_seen_at: String,
    pub last_seen_at: String,
    pub times: u64,
}

#[derive(Debug, Deserialize)]
pub struct Delivery {
    pub at: String,
    pub outcome: String,
    pub acknowledged_in_ms: f64,
    pub scheme: String,
    pub key: Option<String>,
    pub peer: Option<String>,
    pub request_id: String,
}

/// A summary of all messages.
#[derive(Debug, Deserialize)]
pub struct Stats {
    pub total_messages: u64,
    pub senders_count: u64,
    pub messages_per_sender: Vec<SenderCount>,
    pub first_message_ts: Option<String>,
    pub last_message_ts: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct SenderCount {
    pub from_msisdn: String,
    pub count: u64,
}

#[derive(Debug, Deserialize)]
pub struct Timeline {
    pub data: Vec<Bucket>,
    pub total: u64,
}

#[derive(Debug, Deserialize)]
pub struct Bucket {
    pub start: String,
    pub count: u64,
}

/// What one process has done.
#[derive(Debug, Deserialize)]
pub struct ServerStats {
    pub version: String,
    pub uptime_seconds: u64,
    pub outcomes: Outcomes,
    pub acknowledgement: Acknowledgement,
    pub storage: Storage,
}

#[derive(Debug, Deserialize)]
pub struct Outcomes {
    pub data: Vec<OutcomeBucket>,
}

#[derive(Debug, Deserialize)]
pub struct OutcomeBucket {
    pub created: u64,
    pub duplicate: u64,
    pub conflict: u64,
    pub refused: u64,
}

#[derive(Debug, Deserialize)]
pub struct Acknowledgement {
    pub count: u64,
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub window_seconds: u64,
}

#[derive(Debug, Deserialize)]
pub struct Storage {
    pub engine: Option<String>,
    pub durability: Option<String>,
    pub durable: Option<bool>,
    pub database_bytes: Option<u64>,
    pub index_bytes: Option<u64>,
    pub wal_bytes: Option<u64>,
    pub free_bytes: Option<u64>,
}

/// A refused request.
#[derive(Debug, Clone, Deserialize)]
pub struct Rejection {
    pub request_id: String,
    pub refused_at: String,
    pub reason: String,
    pub status: u16,
    pub path: String,
    pub source: Option<String>,
    pub peer: Option<String>,
    pub near_miss: Option<String>,
    pub mend: Option<String>,
    pub skew_seconds: Option<i64>,
    pub body_bytes: Option<u64>,
    #[serde(default)]
    pub errors: Vec<FieldError>,
}

/// The newest refused requests.
#[derive(Debug, Deserialize)]
pub struct RejectionPage {
    pub data: Vec<Box<serde_json::value::RawValue>>,
}

/// How many refused requests a stream has left out.
#[derive(Debug, Deserialize)]
pub struct Missed {
    pub count: u64,
}

/// An error answer (RFC 9457).
#[derive(Debug, Default, Deserialize)]
pub struct Problem {
    /// Absent where something else than countersign answers.
    pub status: Option<u16>,
    pub title: Option<String>,
    pub detail: Option<String>,
    #[serde(default)]
    pub errors: Vec<FieldError>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct FieldError {
    pub pointer: String,
    pub detail: String,
}
