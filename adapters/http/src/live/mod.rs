//! `GET /messages/live`: messages as they arrive, as server-sent events; and the long poll of
//! `GET /messages`, which waits for them.
//!
//! One task, the `hub`, reads what arrives and renders it once, as a `chunk`; each `stream` sends
//! what of it is for its client. Nothing runs while nobody follows.

mod chunk;
mod events;
mod hub;
mod options;
mod poll;
mod room;
mod stream;

use std::sync::Arc;

use countersign_core::{KeyLabel, SearchTerm, Sequence, SourceName, Timestamp};
use poem::Request;
use poem_openapi::{
    OpenApi,
    param::{Header, Query},
    registry::Registry,
    types::Type,
};

use self::stream::Follower;
pub use self::{
    events::{EventStream, Events},
    hub::{Hub, Place},
    options::LiveOptions,
    poll::Poll,
};
use crate::{
    ApiTag,
    limits::Desk,
    messages::{ListProblems, MessageBody},
    params::{Asked, Faults, Number, Param},
    reply::Reply,
    server::Connected,
};

const LAST_EVENT_ID: &str = "Last-Event-ID";

pub struct LiveApi {
    pub hub: Arc<Hub>,
    pub desk: Arc<Desk>,
}

#[OpenApi(tag = "ApiTag::Messages")]
impl LiveApi {
    /// Follow messages
    ///
    /// Server-sent events: every message that matches, in the order in which they arrive. The
    /// stream begins behind the sequence in `Last-Event-ID`, or else in `after_seq`, or else with
    /// what arrives from now on. A client that is disconnected and comes back with the last `id`
    /// that it has seen, as an `EventSource` does by itself, misses nothing and gets nothing twice.
    ///
    /// A client that takes too little for too long, or nothing for ten seconds, is disconnected.
    /// There are streams for so many clients; the next one is answered 503.
    ///
    /// The single message whose id is `live` cannot be read at `/messages/live`; it is in the list.
    #[oai(
        path = "/messages/live",
        method = "get",
        operation_id = "followMessages"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "one for each parameter of the query"
    )]
    async fn follow(
        &self,
        /// Only messages from this number. A `+` that was not percent-encoded is understood.
        from: Query<Param<Number>>,
        /// Only messages to this number, read as `from` is.
        to: Query<Param<Number>>,
        /// Only messages sent at this instant or later (RFC 3339).
        since: Query<Param<Timestamp>>,
        /// Only messages sent before this instant (RFC 3339).
        until: Query<Param<Timestamp>>,
        /// Only messages whose text contains this, in upper or lower case (Unicode case folding).
        q: Query<Param<SearchTerm>>,
        /// Only messages of this source.
        source: Query<Param<SourceName>>,
        /// Only messages that the key of this label vouched for.
        verified_by: Query<Param<KeyLabel>>,
        /// Only messages received at this instant or later (RFC 3339), whatever their own `ts` says.
        received_since: Query<Param<Timestamp>>,
        /// Only messages received before this instant (RFC 3339).
        received_before: Query<Param<Timestamp>>,
        /// Only messages that arrived behind this sequence: an `id` of this stream, a `seq` or
        /// `next_after_seq` of the list, or 0 for all. For clients that cannot set headers.
        after_seq: Query<Param<Sequence>>,
        /// As `after_seq`, and before it: the last `id` that the client has seen.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Param<Sequence>>,
        request: &Request,
    ) -> Reply<EventStream<Messages>, ListProblems> {
        let mut faults = Faults::default();
        let filter = faults.filter(Asked {
            from,
            to,
            since,
            until,
            q,
            source,
            verified_by,
            received_since,
            received_before,
        });
        let after = faults.take("after_seq", after_seq.0);
        let resumed = faults.take(LAST_EVENT_ID, last_event_id.0);
        // What is not ASCII does not get as far as the parameter.
        let mut raw = request.headers().get_all(LAST_EVENT_ID).iter();
        if raw.any(|value| value.to_str().is_err()) {
            faults.add(LAST_EVENT_ID, "must be a whole number".to_owned());
        }
        async {
            faults.or(())?;
            let connection = request.data::<Connected>().cloned();
            let follower = Follower::new(&self.hub, connection, filter, resumed.or(after));
            let follower = self.desk.read(follower).await?;
            Ok(EventStream::new(follower.into_stream()))
        }
        .await
        .into()
    }
}

/// What a stream of messages says.
enum Messages {}

impl Events for Messages {
    const DESCRIPTION: &'static str = "Messages, until either side ends it.";
    const FORMAT: &'static str = "Server-sent events (WHATWG HTML, 9.2). First `retry` \
        (milliseconds) and the `id` where the stream begins; then for each message an event named \
        `message`, with its sequence as `id` and a `Message` in JSON, on one line, as `data`. Where \
        nothing is sent for 15 seconds comes a comment, and with it an `id` if messages that do not \
        match have arrived.";

    fn register(registry: &mut Registry) {
        MessageBody::register(registry);
    }
}
