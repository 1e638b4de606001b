//! `GET /messages`, `GET /messages/{message_id}` and `GET /conflicts`.

use std::sync::Arc;

use countersign_core::{
    Conflict, Inbox, Limit, Message, MessageFilter, MessageId, MessageQuery, Offset, Order, Page,
    SearchTerm, Timestamp,
};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
};
use serde::Serialize;

use crate::{
    ApiTag,
    params::{Faults, Param, Sender},
    problem::{Kind, Problem},
    reply::{JsonBody, Problems, Reply},
};

pub struct MessagesApi(pub Arc<Inbox>);

/// A stored message.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Message")]
pub struct MessageBody {
    /// The provider's id.
    message_id: String,
    /// The sender's number.
    from_msisdn: String,
    /// The receiver's number.
    to_msisdn: String,
    /// When the provider says that the message was sent, in UTC.
    ts: String,
    /// What the message says; `null` if it was sent without a text.
    text: Option<String>,
    /// When countersign received it, in UTC.
    created_at: String,
}

/// One page of the messages that match.
#[derive(Debug, Serialize, Object)]
pub struct MessagePage {
    data: Vec<MessageBody>,
    /// How many messages match in all.
    #[oai(validator(minimum(value = "0")))]
    total: u64,
    /// The page's size as asked for.
    #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
    limit: u64,
    /// How many messages were passed over.
    #[oai(validator(minimum(value = "0")))]
    offset: u64,
}

/// A stored message, and what else came under its id.
#[derive(Debug, Serialize, Object)]
pub struct MessageDetail {
    #[oai(flatten)]
    #[serde(flatten)]
    message: MessageBody,
    /// Different messages that came under the same id, the last seen first; at most 100.
    conflicts: Vec<ConflictBody>,
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
}

/// The newest conflicts.
#[derive(Debug, Serialize, Object)]
pub struct ConflictPage {
    data: Vec<ConflictBody>,
    /// How many conflicts there are in all.
    #[oai(validator(minimum(value = "0")))]
    total: u64,
}

pub struct ListProblems;

impl Problems for ListProblems {
    const KINDS: &'static [Kind] = &[Kind::ValidationError, Kind::Unavailable];
}

pub struct FindProblems;

impl Problems for FindProblems {
    const KINDS: &'static [Kind] = &[Kind::BadRequest, Kind::NotFound, Kind::Unavailable];
}

#[OpenApi(tag = "ApiTag::Messages")]
impl MessagesApi {
    /// List messages
    ///
    /// Ordered by `ts`, then by `message_id` (bytes). An empty `from`, `since` or `q` is no
    /// filter; unknown parameters are ignored.
    #[oai(path = "/messages", method = "get", operation_id = "listMessages")]
    async fn list(
        &self,
        /// How many messages at the most.
        limit: Query<Param<Limit>>,
        /// How many messages to pass over first.
        offset: Query<Param<Offset>>,
        /// Only messages from this number. A `+` that was not percent-encoded is understood.
        from: Query<Param<Sender>>,
        /// Only messages sent at this instant or later (RFC 3339).
        since: Query<Param<Timestamp>>,
        /// Only messages whose text contains this, in upper or lower case (Unicode case folding).
        /// No character is a wildcard.
        q: Query<Param<SearchTerm>>,
        /// `asc`: oldest first. `desc`: newest first.
        order: Query<Param<Order>>,
    ) -> Reply<JsonBody<MessagePage>, ListProblems> {
        let mut faults = Faults::default();
        let query = MessageQuery {
            limit: faults.take("limit", limit.0).unwrap_or_default(),
            offset: faults.take("offset", offset.0).unwrap_or_default(),
            filter: MessageFilter {
                from: faults.take("from", from.0).map(|Sender(from)| from),
                to: None,
                since: faults.take("since", since.0),
                until: None,
                text: faults.take("q", q.0),
            },
            order: faults.take("order", order.0).unwrap_or_default(),
            after: None,
        };
        async {
            let query = faults.or(query)?;
            let page = self.0.list(&query).await?;
            Ok(JsonBody(MessagePage {
                data: page.items.into_iter().map(MessageBody::from).collect(),
                total: page.total,
                limit: query.limit.get(),
                offset: query.offset.get(),
            }))
        }
        .await
        .into()
    }

    /// Read one message
    ///
    /// With everything else that came under its id.
    #[oai(
        path = "/messages/:message_id",
        method = "get",
        operation_id = "readMessage"
    )]
    async fn read(
        &self,
        /// The provider's id, percent-encoded.
        message_id: Path<String>,
    ) -> Reply<JsonBody<MessageDetail>, FindProblems> {
        self.find(message_id.0).await.map(JsonBody).into()
    }

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
            let page = self.0.conflicts(None, limit).await?;
            Ok(JsonBody(page.into()))
        }
        .await
        .into()
    }
}

impl MessagesApi {
    async fn find(&self, id: String) -> Result<MessageDetail, Problem> {
        let not_found = || Problem::new(Kind::NotFound, "there is no message with this id");
        // Not every text is an id, but what isn't one isn't stored either. Unchecked, because
        // rows of the original service may have ids that today's rule refuses.
        if id.contains('\0') {
            return Err(not_found());
        }
        let id = MessageId::from_store(id);
        let message = self.0.find(&id).await?.ok_or_else(not_found)?;
        let limit = Limit::try_from(Limit::MAX).unwrap_or_default();
        let conflicts = self.0.conflicts(Some(&id), limit).await?;
        Ok(MessageDetail {
            message: message.into(),
            conflicts: ConflictPage::from(conflicts).data,
        })
    }
}

impl From<Message> for MessageBody {
    fn from(message: Message) -> Self {
        let content = message.content;
        Self {
            message_id: content.id.to_string(),
            from_msisdn: content.from.to_string(),
            to_msisdn: content.to.to_string(),
            ts: content.ts.to_string(),
            text: content.text.map(|text| text.as_str().to_owned()),
            created_at: message.created_at.to_string(),
        }
    }
}

impl From<Conflict> for ConflictBody {
    fn from(conflict: Conflict) -> Self {
        let content = conflict.content;
        Self {
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
