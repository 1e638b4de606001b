//! `GET /messages` and `GET /messages/{message_id}`.

use std::{sync::Arc, time::Duration};

use countersign_core::{
    Arrival, Inbox, KeyLabel, Limit, Message, MessageId, MessageKey, MessageQuery, Offset, Order,
    Repeats, SearchTerm, Sequence, SourceName, Timestamp,
};
use poem::{
    IntoResponse, Response,
    http::{HeaderValue, Uri, header},
};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    registry::{MetaHeader, MetaResponses, Registry},
};
use serde::Serialize;

use crate::{
    ApiTag,
    conflicts::{ConflictBody, ConflictPage},
    cursor::Cursor,
    deliveries::{Deliveries, DeliveryBody},
    limits::Desk,
    live::{Hub, Poll},
    params::{Asked, Faults, Number, Param, Wait},
    problem::{Kind, Problem},
    reply::{JsonBody, Problems, Reply, header_meta},
};

/// Where how often a message came again is being written, how long until it is looked again whether
/// that is over; about a third of a second in all.
const COUNT_REST: Duration = Duration::from_millis(20);

pub struct MessagesApi {
    pub inbox: Arc<Inbox>,
    pub deliveries: Arc<Deliveries>,
    pub hub: Arc<Hub>,
    pub desk: Arc<Desk>,
}

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
    /// Its sequence: its place in the order in which messages arrived. Only in a list that was
    /// asked for with `after_seq`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none, validator(minimum(value = "1")))]
    seq: Option<i64>,
    /// Where it came from; absent for the source `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    source: Option<String>,
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
    /// Asks for the page behind this one, as `cursor`; `null` where the list ends.
    next_cursor: Option<String>,
    /// Where to go on in the order in which messages arrived, as `after_seq`; `null` where that
    /// was not given.
    #[oai(validator(minimum(value = "0")))]
    next_after_seq: Option<i64>,
}

/// How often the message came again.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Duplicates")]
pub struct DuplicatesBody {
    /// How often.
    #[oai(validator(minimum(value = "0")))]
    count: u64,
    /// When it last did, in UTC; `null` if it never did.
    last_seen_at: Option<String>,
}

/// A stored message, and what else came under its id.
#[derive(Debug, Serialize, Object)]
pub struct MessageDetail {
    #[oai(flatten)]
    #[serde(flatten)]
    message: MessageBody,
    /// The label of the key that vouched for it; `null` if none did, as with an import.
    verified_by: Option<String>,
    /// The SHA-256 of its content in hex, by which it can be told from a conflict.
    #[oai(validator(pattern = "^[0-9a-f]{64}$"))]
    content_sha256: String,
    /// How often it came again with the same content. What came in the last second is counted by the
    /// server that it came to, and after a crash perhaps not at all.
    duplicates: DuplicatesBody,
    /// Different messages that came under the same id, the last seen first; at most 100.
    conflicts: Vec<ConflictBody>,
    /// How it was delivered, the newest first; at most 20. That is what this process remembers of the
    /// last 10,000 webhooks that it has acknowledged, whatever their messages: it is not durable, and
    /// other instances remember others.
    deliveries: Vec<DeliveryBody>,
}

pub struct ListProblems;

impl Problems for ListProblems {
    const KINDS: &'static [Kind] = &[Kind::ValidationError, Kind::Unavailable];
}

pub struct FindProblems;

impl Problems for FindProblems {
    const KINDS: &'static [Kind] = &[
        Kind::BadRequest,
        Kind::NotFound,
        Kind::ValidationError,
        Kind::Unavailable,
    ];
}

#[OpenApi(tag = "ApiTag::Messages")]
impl MessagesApi {
    /// List messages
    ///
    /// Ordered by `ts`, then by `message_id` (bytes). An empty filter is no filter, an empty
    /// `cursor` is none; unknown parameters are ignored.
    ///
    /// To read the whole list, give each page's `next_cursor` back as `cursor` until it is `null`,
    /// or follow the header `Link`, which is absent then. Whatever arrives meanwhile, no message is
    /// skipped or repeated so, as can happen with `offset`.
    ///
    /// With `after_seq` the list is in the order in which messages arrived, each with its `seq`.
    /// Give each page's `next_after_seq` back, and every message comes once, those that arrive
    /// later too. With `wait` the answer comes as soon as there is something (a long poll); after
    /// that time the page is empty, and `next_after_seq` may nevertheless have moved on. Neither
    /// `order` nor `cursor` goes with it. `Link` is there if more is known to be there already.
    #[oai(path = "/messages", method = "get", operation_id = "listMessages")]
    #[expect(
        clippy::too_many_arguments,
        reason = "one for each parameter of the query"
    )]
    async fn list(
        &self,
        /// How many messages at the most.
        limit: Query<Param<Limit>>,
        /// How many messages to pass over first; 0 together with a cursor.
        offset: Query<Param<Offset>>,
        /// Only messages from this number. A `+` that was not percent-encoded is understood.
        from: Query<Param<Number>>,
        /// Only messages to this number, read as `from` is.
        to: Query<Param<Number>>,
        /// Only messages sent at this instant or later (RFC 3339).
        since: Query<Param<Timestamp>>,
        /// Only messages sent before this instant (RFC 3339), so that spans can join without
        /// overlap.
        until: Query<Param<Timestamp>>,
        /// Only messages whose text contains this, in upper or lower case (Unicode case folding).
        /// No character is a wildcard.
        q: Query<Param<SearchTerm>>,
        /// Only messages of this source.
        source: Query<Param<SourceName>>,
        /// Only messages that the key of this label vouched for.
        verified_by: Query<Param<KeyLabel>>,
        /// Only messages received at this instant or later (RFC 3339), whatever their own `ts` says.
        received_since: Query<Param<Timestamp>>,
        /// Only messages received before this instant (RFC 3339).
        received_before: Query<Param<Timestamp>>,
        /// `asc`: oldest first. `desc`: newest first.
        order: Query<Param<Order>>,
        /// The `next_cursor` of an earlier page: only what comes behind that page. It is a place
        /// in the order and goes with any filters; it narrows the page, not `total`.
        cursor: Query<Param<Cursor>>,
        /// Only messages that arrived behind this sequence, in the order in which they arrived; 0
        /// for all. One beyond the end is read as the end.
        after_seq: Query<Param<Sequence>>,
        /// With `after_seq`: how many seconds to wait for a message at the most.
        wait: Query<Param<Wait>>,
        uri: &Uri,
    ) -> Reply<Listed, ListProblems> {
        let mut faults = Faults::default();
        let query = MessageQuery {
            limit: faults.take("limit", limit.0).unwrap_or_default(),
            offset: faults.take("offset", offset.0).unwrap_or_default(),
            filter: faults.filter(Asked {
                from,
                to,
                since,
                until,
                q,
                source,
                verified_by,
                received_since,
                received_before,
            }),
            order: Order::default(),
            after: None,
        };
        let order = faults.take("order", order.0);
        let cursor = faults.take("cursor", cursor.0);
        let after_seq = faults.take("after_seq", after_seq.0);
        let wait = faults.take("wait", wait.0);
        let together = |with: &str| format!("cannot be combined with {with}");
        if query.offset != Offset::default() {
            if after_seq.is_some() {
                faults.add("offset", "must be 0 together with after_seq".to_owned());
            } else if cursor.is_some() {
                faults.add("offset", "must be 0 together with a cursor".to_owned());
            }
        }
        if after_seq.is_some() {
            if order.is_some() {
                faults.add("order", together("after_seq"));
            }
            if cursor.is_some() {
                faults.add("cursor", together("after_seq"));
            }
        } else if wait.is_some() {
            faults.add("wait", "needs after_seq".to_owned());
        }
        async {
            let query = faults.or(query)?;
            if let Some(after) = after_seq {
                let wait = wait.map_or(Duration::ZERO, |Wait(wait)| wait);
                let arrived = self.arrived(query, after, wait, uri);
                self.desk.poll(wait, arrived).await
            } else {
                let query = MessageQuery {
                    order: order.unwrap_or_default(),
                    after: cursor.map(|Cursor(after)| after),
                    ..query
                };
                self.desk.read(self.page(query, uri)).await
            }
        }
        .await
        .into()
    }

    /// Read one message
    ///
    /// With everything else that came under its id, and how it was delivered lately.
    #[oai(
        path = "/messages/:message_id",
        method = "get",
        operation_id = "readMessage"
    )]
    async fn read(
        &self,
        /// The provider's id, percent-encoded.
        message_id: Path<String>,
        /// Whose id it is; `default` if it is not said.
        source: Query<Param<SourceName>>,
    ) -> Reply<JsonBody<MessageDetail>, FindProblems> {
        let mut faults = Faults::default();
        let source = faults.take("source", source.0).unwrap_or_default();
        async {
            let source = faults.or(source)?;
            let found = self.desk.read(self.find(message_id.0, source));
            found.await.map(JsonBody)
        }
        .await
        .into()
    }
}

/// A page, and where the next one is.
struct Listed {
    page: MessagePage,
    next: Option<String>,
}

/// What the next page is asked with beside its place: what this one was asked with.
const KEPT: [&str; 12] = [
    "limit",
    "from",
    "to",
    "since",
    "until",
    "q",
    "source",
    "verified_by",
    "received_since",
    "received_before",
    "order",
    "wait",
];

/// Where the page is that begins at `place`, if the one before is at `uri`. `by` is the parameter
/// that takes the place.
fn next_page(uri: &Uri, by: &str, place: &str) -> String {
    let asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let kept = asked.filter(|(name, value)| KEPT.contains(&name.as_ref()) && !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair(by, place)
        .finish();
    format!("/messages?{query}")
}

impl IntoResponse for Listed {
    fn into_response(self) -> Response {
        let mut response = JsonBody(self.page).into_response();
        let link = self.next.map(|next| format!("<{next}>; rel=\"next\""));
        // Percent-encoded, so always fit to be a header.
        if let Some(Ok(link)) = link.map(HeaderValue::try_from) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

impl ApiResponse for Listed {
    fn meta() -> MetaResponses {
        let mut meta = JsonBody::<MessagePage>::meta();
        for response in &mut meta.responses {
            response.headers.push(MetaHeader {
                required: false,
                ..header_meta(
                    "Link",
                    "`</messages?…&cursor=…>; rel=\"next\"` (RFC 8288): the next page, with the \
                     same filters, limit and order; with `after_seq` in place of `cursor` where \
                     that was asked with. Absent where the list ends.",
                )
            });
        }
        meta
    }

    fn register(registry: &mut Registry) {
        <JsonBody<MessagePage> as ApiResponse>::register(registry);
    }
}

impl MessagesApi {
    /// A page of the list in its own order.
    async fn page(&self, query: MessageQuery, uri: &Uri) -> Result<Listed, Problem> {
        let page = self.inbox.list(&query).await?;
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|last| Cursor(last.position()).to_string());
        let next = next_cursor.as_deref();
        Ok(Listed {
            next: next.map(|next| next_page(uri, "cursor", next)),
            page: MessagePage {
                data: page.items.iter().map(MessageBody::from).collect(),
                total: page.total,
                limit: query.limit.get(),
                offset: query.offset.get(),
                next_cursor,
                next_after_seq: None,
            },
        })
    }

    /// A page of the list in the order in which messages arrived.
    async fn arrived(
        &self,
        query: MessageQuery,
        after: Sequence,
        wait: Duration,
        uri: &Uri,
    ) -> Result<Listed, Problem> {
        let poll = Poll {
            after,
            filter: query.filter.clone(),
            limit: query.limit,
            wait,
        };
        let page = self.hub.poll(poll, &self.desk).await?;
        let _place = self.desk.place().await?;
        // After the page, so that it counts what the page has.
        let counted = MessageQuery {
            limit: Limit::try_from(Limit::MIN).unwrap_or_default(),
            filter: query.filter,
            ..MessageQuery::default()
        };
        let total = self.inbox.list(&counted).await?.total;
        let next = page.up_to.get();
        Ok(Listed {
            next: (page.more).then(|| next_page(uri, "after_seq", &next.to_string())),
            page: MessagePage {
                data: page.items.iter().map(MessageBody::from).collect(),
                total,
                limit: query.limit.get(),
                offset: 0,
                next_cursor: None,
                next_after_seq: Some(next),
            },
        })
    }

    async fn find(&self, id: String, source: SourceName) -> Result<MessageDetail, Problem> {
        let not_found = || Problem::new(Kind::NotFound, "there is no message with this id");
        // Not every text is an id, but what isn't one isn't stored either. Unchecked, because
        // rows of the original service may have ids that today's rule refuses.
        if id.contains('\0') {
            return Err(not_found());
        }
        let id = MessageId::from_store(id);
        let key = MessageKey { id, source };
        let message = self.inbox.find(&key).await?.ok_or_else(not_found)?;
        let limit = Limit::try_from(Limit::MAX).unwrap_or_default();
        let conflicts = self.inbox.conflicts(Some(&key), limit).await?;
        let rest = || tokio::time::sleep(COUNT_REST);
        let repeats = self.inbox.repeats(&key, rest).await?;
        Ok(MessageDetail {
            deliveries: self.deliveries.of(key.id.as_str(), &key.source),
            verified_by: message.verified_by.as_ref().map(KeyLabel::to_string),
            content_sha256: message.content.digest().to_string(),
            message: (&message).into(),
            duplicates: repeats.into(),
            conflicts: ConflictPage::from(conflicts).data,
        })
    }
}

/// The name of a source, if it has to be said.
pub fn named(source: &SourceName) -> Option<String> {
    (!source.is_default()).then(|| source.to_string())
}

impl From<Repeats> for DuplicatesBody {
    fn from(repeats: Repeats) -> Self {
        Self {
            count: repeats.times,
            last_seen_at: repeats.last_seen_at.map(|at| at.to_string()),
        }
    }
}

impl From<&Message> for MessageBody {
    fn from(message: &Message) -> Self {
        let content = &message.content;
        let text = content.text.as_ref();
        Self {
            message_id: content.id.to_string(),
            from_msisdn: content.from.to_string(),
            to_msisdn: content.to.to_string(),
            ts: content.ts.to_string(),
            text: text.map(|text| text.as_str().to_owned()),
            created_at: message.created_at.to_string(),
            seq: None,
            source: named(&content.source),
        }
    }
}

impl From<&Arrival> for MessageBody {
    fn from(arrival: &Arrival) -> Self {
        Self {
            seq: Some(arrival.sequence.get()),
            ..Self::from(&arrival.message)
        }
    }
}
