//! `GET /conflicts`: what came under ids that were taken.

use std::sync::Arc;

use countersign_core::{Conflict, Inbox, Limit, Page};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use crate::{
    ApiTag,
    limits::Desk,
    messages::{ListProblems, named},
    params::{Faults, Param},
    reply::{JsonBody, Reply},
};

pub struct ConflictsApi {
    pub inbox: Arc<Inbox>,
    pub desk: Arc<Desk>,
}

/// A message that came under an id that another message already had. The first was kept.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Conflict")]
pub struct ConflictBody {
    /// The id that was taken.
    message_id: String,
    /// The sender's number.
    from_msisdn: String,
    /// The receiver's number.
    to_msisdn: String,
    /// When the provider says that it was sent, in UTC.
    ts: String,
    /// What it says; `null` if it was sent without a text.
    text: Option<String>,
    /// When it first came, in UTC.
    first_seen_at: String,
    /// When it last came, in UTC.
    last_seen_at: String,
    /// How often it came.
    #[oai(validator(minimum(value = "1")))]
    times: u64,
    /// The SHA-256 of its content in hex.
    #[oai(validator(pattern = "^[0-9a-f]{64}$"))]
    content_sha256: String,
    /// Where it came from; absent for the source `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    source: Option<String>,
}

/// The newest conflicts.
#[derive(Debug, Serialize, Object)]
pub struct ConflictPage {
    pub data: Vec<ConflictBody>,
    /// How many conflicts there are in all.
    #[oai(validator(minimum(value = "0")))]
    total: u64,
}

#[OpenApi(tag = "ApiTag::Messages")]
impl ConflictsApi {
    /// List conflicts
    ///
    /// Messages that came under an id that was already taken by a different message, the last
    /// seen first.
    #[oai(path = "/conflicts", method = "get", operation_id = "listConflicts")]
    async fn conflicts(
        &self,
        /// How many conflicts at the most.
        limit: Query<Param<Limit>>,
    ) -> Reply<JsonBody<ConflictPage>, ListProblems> {
        let mut faults = Faults::default();
        let limit = faults.take("limit", limit.0).unwrap_or_default();
        async {
            let limit = faults.or(limit)?;
            let read = async { Ok(self.inbox.conflicts(None, limit).await?) };
            let page = self.desk.read(read).await?;
            Ok(JsonBody(page.into()))
        }
        .await
        .into()
    }
}

impl From<Conflict> for ConflictBody {
    fn from(conflict: Conflict) -> Self {
        let content = conflict.content;
        Self {
            content_sha256: content.digest().to_string(),
            source: named(&content.source),
            message_id: content.id.to_string(),
            from_msisdn: content.from.to_string(),
            to_msisdn: content.to.to_string(),
            ts: content.ts.to_string(),
            text: content.text.map(|text| text.as_str().to_owned()),
            first_seen_at: conflict.first_seen_at.to_string(),
            last_seen_at: conflict.last_seen_at.to_string(),
            times: conflict.times,
        }
    }
}

impl From<Page<Conflict>> for ConflictPage {
    fn from(page: Page<Conflict>) -> Self {
        Self {
            data: page.items.into_iter().map(Into::into).collect(),
            total: page.total,
        }
    }
}
