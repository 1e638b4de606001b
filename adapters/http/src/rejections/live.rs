//! `GET /rejections/live`: refused requests as they are refused, as server-sent events.

use std::{pin::Pin, sync::Arc, time::Instant};

use bytes::Bytes;
use countersign_core::SourceName;
use futures_util::Stream;
use poem::Request;
use poem_openapi::{OpenApi, param::Query, registry::Registry, types::Type};
use serde_json::{Value, json};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{self, Sleep},
};

use super::{
    Reason, Rejections,
    api::RejectionBody,
    chunk::{Chunk, Wanted},
    feed::Following,
};
use crate::{
    ApiTag,
    live::{EventStream, Events, Hub, Place},
    messages::ListProblems,
    params::{Faults, Param},
    problem::Problem,
    reply::Reply,
    server::Connected,
};

pub struct LiveRejectionsApi {
    pub rejections: Arc<Rejections>,
    pub hub: Arc<Hub>,
}

#[OpenApi(tag = "ApiTag::Rejections")]
impl LiveRejectionsApi {
    /// Follow refused requests
    ///
    /// Server-sent events: every request that matches, as it is refused, from now on. When the
    /// mistake behind a refused signature is found, a moment later, the same one is sent again (by
    /// its `request_id`), now with `near_miss` and `mend`.
    ///
    /// A stream cannot be resumed: whoever wants to show those before, too, reads `GET /rejections`
    /// when the stream has opened, and again whenever it says that some are `missed`. They are where
    /// more are refused than it sends (100 of a kind, fifty times a second), or the client takes
    /// less.
    ///
    /// A client that takes nothing for ten seconds is disconnected. There are streams for so many
    /// clients, together with those of messages; the next one is answered 503.
    #[oai(
        path = "/rejections/live",
        method = "get",
        operation_id = "followRejections"
    )]
    #[expect(clippy::unused_async, reason = "poem-openapi's operations are async")]
    async fn follow(
        &self,
        /// Only those refused for this reason.
        reason: Query<Param<Reason>>,
        /// Only those sent to this source.
        source: Query<Param<SourceName>>,
        request: &Request,
    ) -> Reply<EventStream<Refusals>, ListProblems> {
        let mut faults = Faults::default();
        let wanted = Wanted {
            reason: faults.take("reason", reason.0),
            source: faults.take("source", source.0),
        };
        let connection = request.data::<Connected>().cloned();
        faults
            .or(wanted)
            .and_then(|wanted| Follower::new(&self.hub, &self.rejections, connection, wanted))
            .map(|follower| EventStream::new(follower.into_stream()))
            .into()
    }
}

/// What a stream of refused requests says.
enum Refusals {}

impl Events for Refusals {
    const DESCRIPTION: &'static str = "Refused requests, until either side ends it.";
    const FORMAT: &'static str = "Server-sent events (WHATWG HTML, 9.2). First `retry` \
        (milliseconds); then for each refused request an event named `rejection` with a `Rejection` \
        in JSON, on one line, as `data`, and once more when its mistake has been found. An event \
        named `missed` says in `data` how many events there were that are not sent; with `source`, \
        those may be of other sources. Where nothing is sent for 15 seconds comes a comment.";

    fn register(registry: &mut Registry) {
        RejectionBody::register(registry);
    }
}

/// So many events are missing here.
fn missed(count: u64) -> Bytes {
    format!("event: missed\ndata: {{\"count\":{count}}}\n\n").into()
}

/// Adds to the specification what `missed` holds: poem-openapi drops what no answer is.
pub fn describe(spec: &mut Value) {
    spec["components"]["schemas"]["MissedRejections"] = json!({
        "type": "object",
        "description": "Some refused requests were not sent: more came than are, or the client was \
            too slow.",
        "required": ["count"],
        "properties": {
            "count": {
                "type": "integer",
                "format": "uint64",
                "minimum": 1,
                "description": "How many events are missing here.",
            },
        },
    });
}

/// A stream of refused requests, for as long as its client follows.
struct Follower {
    hub: Arc<Hub>,
    place: Place,
    /// Of its client; in tests there may be none.
    connection: Option<Connected>,
    following: Following,
    wanted: Wanted,
    opened: bool,
    /// What is sent next, because it comes behind what is missed.
    next: Option<Bytes>,
    /// When something was last handed out.
    sent: Instant,
    /// Ends when it may be time for a ping.
    timer: Pin<Box<Sleep>>,
}

impl Follower {
    fn new(
        hub: &Arc<Hub>,
        rejections: &Arc<Rejections>,
        connection: Option<Connected>,
        wanted: Wanted,
    ) -> Result<Self, Problem> {
        Ok(Self {
            place: hub.place()?,
            connection,
            following: rejections.follow(hub),
            wanted,
            opened: false,
            next: None,
            sent: Instant::now(),
            timer: Box::pin(time::sleep(hub.options.ping)),
            hub: Arc::clone(hub),
        })
    }

    /// What is sent, piece by piece. The next piece is made when the one before has been taken.
    fn into_stream(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
        futures_util::stream::unfold(self, |mut follower| async move {
            let bytes = follower.next().await?;
            Some((Ok(bytes), follower))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        let hub = Arc::clone(&self.hub);
        let bytes = tokio::select! {
            biased;
            () = hub.closed() => None,
            bytes = self.listen() => bytes,
        }?;
        self.sent = Instant::now();
        Some(bytes)
    }

    async fn listen(&mut self) -> Option<Bytes> {
        if !self.opened {
            self.opened = true;
            let retry = self.hub.options.retry.as_millis();
            return Some(format!("retry: {retry}\n\n").into());
        }
        if let Some(bytes) = self.next.take() {
            return Some(bytes);
        }
        loop {
            let heard = tokio::select! {
                biased;
                heard = self.following.chunks.recv() => heard,
                () = &mut self.timer => {
                    if let Some(ping) = self.ping() {
                        return Some(ping);
                    }
                    continue;
                }
            };
            match heard {
                Ok(chunk) => {
                    if let Some(bytes) = self.take(&chunk) {
                        return Some(bytes);
                    }
                }
                // The next chunk knows how much there was in those that are gone.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// What of the chunk is for this client, if anything.
    fn take(&mut self, chunk: &Chunk) -> Option<Bytes> {
        let room = self.hub.own.room();
        let following = &mut self.following;
        let selected = chunk.select(&self.wanted, following.at, &following.known, room.bytes());
        // One that was made before this stream began may come after it has begun.
        following.at = following.at.max(chunk.up_to);
        for (known, now) in following.known.iter_mut().zip(chunk.tally) {
            *known = now.max(*known);
        }
        let bytes = Some(selected.bytes).filter(|bytes| !bytes.is_empty());
        // What everybody gets is counted once for all.
        let bytes = if self.wanted == Wanted::default() {
            bytes
        } else {
            bytes.map(|bytes| room.hold(bytes))
        };
        if selected.missed == 0 {
            return bytes;
        }
        self.next = bytes;
        Some(missed(selected.missed))
    }

    /// A sign of life if it is time for one.
    fn ping(&mut self) -> Option<Bytes> {
        let (now, due) = (Instant::now(), self.sent + self.hub.options.ping);
        let is_due = now >= due;
        let next = if is_due {
            now + self.hub.options.ping
        } else {
            due
        };
        self.timer.as_mut().reset(next.into());
        is_due.then(|| Bytes::from_static(b":\n\n"))
    }
}

impl Drop for Follower {
    /// A stream ends here without an end of its own if the connection is gone: because the client
    /// left, or because it was cut off for taking nothing.
    fn drop(&mut self) {
        let connection = self.connection.as_ref();
        if connection.is_some_and(Connected::was_stalled) {
            self.place.too_slow();
        }
    }
}
