//! `GET /stats`.

use std::sync::Arc;

use countersign_core::{Inbox, Stats};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::{
    ApiTag,
    limits::Desk,
    problem::{Kind, Problem},
    reply::{JsonBody, Problems, Reply},
};

pub struct StatsApi {
    pub inbox: Arc<Inbox>,
    pub desk: Arc<Desk>,
}

/// A summary of all messages.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Stats")]
pub struct StatsBody {
    /// How many messages there are.
    #[oai(validator(minimum(value = "0")))]
    total_messages: u64,
    /// How many different senders they have.
    #[oai(validator(minimum(value = "0")))]
    senders_count: u64,
    /// The ten busiest senders: by count, descending, then by number.
    #[oai(validator(max_items = 10))]
    messages_per_sender: Vec<SenderCountBody>,
    /// The smallest `ts`; `null` without messages.
    first_message_ts: Option<String>,
    /// The largest `ts`; `null` without messages.
    last_message_ts: Option<String>,
}

/// How many messages a sender sent.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "SenderCount")]
pub struct SenderCountBody {
    from_msisdn: String,
    #[oai(validator(minimum(value = "1")))]
    count: u64,
}

pub struct StatsProblems;

impl Problems for StatsProblems {
    const KINDS: &'static [Kind] = &[Kind::Unavailable];
}

#[OpenApi(tag = "ApiTag::Messages")]
impl StatsApi {
    /// Summarise all messages
    #[oai(path = "/stats", method = "get", operation_id = "readStats")]
    async fn read(&self) -> Reply<JsonBody<StatsBody>, StatsProblems> {
        let read = async { self.inbox.stats().await.map_err(Problem::from) };
        let stats = self.desk.read(read).await;
        stats.map(|stats| JsonBody(stats.into())).into()
    }
}

impl From<Stats> for StatsBody {
    fn from(stats: Stats) -> Self {
        Self {
            total_messages: stats.total_messages,
            senders_count: stats.senders_count,
            messages_per_sender: stats
                .top_senders
                .into_iter()
                .map(|sender| SenderCountBody {
                    from_msisdn: sender.from,
                    count: sender.count,
                })
                .collect(),
            first_message_ts: stats.first_message_ts.map(|ts| ts.to_string()),
            last_message_ts: stats.last_message_ts.map(|ts| ts.to_string()),
        }
    }
}
